import { z } from 'zod';
import { refusedSql } from '../sql-check.ts';
import { tlsVerifies } from '../tls.ts';
import { roleMapSchema } from './role-map-schema.ts';

/** One profile of labctl.yaml. camelCase throughout, as the role map in code. */

const name = z.string().min(1);
const port = z.number().int().min(1).max(65_535);

const secret = {
  password: z
    .string()
    .regex(
      /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/,
      'a password never stands here: write the name of an environment variable as $ and {NAME}, or passwordFile',
    )
    .optional(),
  passwordFile: name.optional(),
};

/** true: the host's name is checked against the machine's own certificate authorities. */
const tls = z
  .union([
    z.literal(true),
    z.strictObject({
      verify: z.enum(tlsVerifies).optional(),
      ca: name.optional(),
      cert: name.optional(),
      key: name.optional(),
    }),
  ])
  .optional();

const address = z.string().regex(/^(?:\[[\da-fA-F:.]+\]|[\w.-]+):\d{1,5}$/, 'an address is host:port');

/** `500ms`, `2s`, `5m`. */
const duration = z
  .string()
  .regex(/^\d+(?:ms|s|m)$/, 'a duration is 500ms, 2s or 5m')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('ms') ? 1 : text.endsWith('s') ? 1_000 : 60_000));

const usualEveryMs = { tick: 1_000, slow: 5_000, onDemand: 0 } as const;

const check = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'an id is small letters, digits and hyphens'),
    title: name.optional(),
    sql: name.superRefine((sql, context) => {
      const why = refusedSql(sql);
      if (why !== undefined) context.addIssue({ code: 'custom', message: why });
    }),
    threshold: z.strictObject({ min: z.number().optional(), max: z.number().optional() }).optional(),
    severity: z.enum(['warning', 'critical']).default('warning'),
    cost: z.enum(['tick', 'slow', 'onDemand']).default('slow'),
    every: duration.optional(),
    timeout: duration.default(2_000).pipe(z.number().min(10).max(60_000)),
  })
  .transform(({ id, title, threshold, every, timeout, ...rest }) => ({
    ...rest,
    id,
    title: title ?? id,
    everyMs: every ?? usualEveryMs[rest.cost],
    timeoutMs: timeout,
    ...(threshold === undefined ? {} : { threshold: definedOf(threshold) }),
  }));

function definedOf({ min, max }: { min?: number | undefined; max?: number | undefined }) {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

export const profileSchema = z.strictObject({
  kafka: z
    .strictObject({
      brokers: z.array(address).min(1),
      tls,
      sasl: z
        .strictObject({ mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']), user: name, ...secret })
        .optional(),
    })
    .optional(),
  mysql: z
    .strictObject({
      host: name,
      port: port.default(3306),
      user: name,
      ...secret,
      database: z.string().default(''),
      tls,
    })
    .optional(),
  redis: z
    .strictObject({
      host: name.optional(),
      port: port.default(6379),
      cluster: z.array(address).min(1).optional(),
      user: name.optional(),
      ...secret,
      tls,
    })
    .refine(
      ({ host, cluster }) => host !== undefined || cluster !== undefined,
      'it needs a host, or the nodes of a cluster',
    )
    .optional(),
  registry: z.url({ protocol: /^https?$/ }).optional(),
  roles: roleMapSchema.prefault({}),
  checks: z
    .array(check)
    .default([])
    .refine((checks) => new Set(checks.map(({ id }) => id)).size === checks.length, 'two checks have the same id'),
});

export const profilesSchema = z.strictObject({
  profiles: z.record(
    z
      .string()
      .regex(/^(?!lab$)[a-z0-9][a-z0-9_-]{0,31}$/, 'a name is small letters, digits, - and _; lab is the lab itself'),
    profileSchema,
  ),
});

export type ProfileSettings = z.infer<typeof profileSchema>;
