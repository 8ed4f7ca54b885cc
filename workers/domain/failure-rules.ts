import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { messageOf, UserError } from '../../infra/errors.ts';
import { packageRoot } from '../../infra/package-root.ts';

export const failureClasses = ['schema', 'validation', 'transient', 'bug', 'unknown'] as const;
export type FailureClass = (typeof failureClasses)[number];

/** What is known of a failure wherever it is classed: in the consumer, from a dead letter's headers, from an index row. */
export interface Failure {
  /** The error's class name. */
  readonly exception: string;
  readonly message: string;
  readonly eventType: string | undefined;
}

export interface FailureRule {
  readonly name: string;
  readonly class: FailureClass;
  readonly retry: boolean;
  matches(failure: Failure): boolean;
}

export interface Classified {
  readonly class: FailureClass;
  /** The name of the rule that decided; `none` where no rule matched. */
  readonly rule: string;
  /** False: a further attempt cannot succeed. */
  readonly retry: boolean;
}

const pattern = z.string().min(1);
const rulesFile = z.strictObject({
  rules: z.array(
    z
      .strictObject({
        name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'small letters, digits and hyphens'),
        class: z.enum(failureClasses),
        exception: pattern.optional(),
        message: pattern.optional(),
        eventType: pattern.optional(),
        retry: z.boolean().default(true),
      })
      .refine(({ exception, message, eventType }) => [exception, message, eventType].some((one) => one !== undefined), {
        message: 'it needs at least one of exception, message, eventType',
      }),
  ),
});

const shippedFile = join(packageRoot, 'workers', 'domain', 'failure-rules.yaml');

/**
 * The rules in the order in which they are tried: the owner's own first, then those that come with labctl.
 * @param ownFile undefined or absent from the disk: there are no own rules.
 * @throws UserError naming the file and the rule that cannot be used.
 */
export async function loadFailureRules(ownFile: string | undefined): Promise<readonly FailureRule[]> {
  const own = ownFile === undefined ? undefined : await readIfThere(ownFile);
  return [
    ...(own === undefined || ownFile === undefined ? [] : parseFailureRules(own, ownFile)),
    ...parseFailureRules(await readFile(shippedFile, 'utf8'), shippedFile),
  ];
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(file, messageOf(error), error);
  }
}

/** @throws UserError for YAML that cannot be read, a rule of another form, or a regular expression that is none. */
export function parseFailureRules(text: string, file: string): readonly FailureRule[] {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw unusable(file, error instanceof YAMLParseError ? error.message : messageOf(error), error);
  }
  if (content === null) return []; // comments alone: no rule yet
  const parsed = rulesFile.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unusable(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message}`, parsed.error);
  }
  return parsed.data.rules.map((rule) => {
    const whole = (text: string, found: string): boolean => text === found;
    const part = (text: string, found: string): boolean => found.includes(text);
    const exception = matcher(rule.exception, whole, { file, rule: rule.name });
    const message = matcher(rule.message, part, { file, rule: rule.name });
    const eventType = matcher(rule.eventType, whole, { file, rule: rule.name });
    return {
      name: rule.name,
      class: rule.class,
      retry: rule.retry,
      matches: (failure) =>
        exception(failure.exception) && message(failure.message) && eventType(failure.eventType ?? ''),
    };
  });
}

function matcher(
  wanted: string | undefined,
  plain: (wanted: string, found: string) => boolean,
  where: { readonly file: string; readonly rule: string },
): (found: string) => boolean {
  if (wanted === undefined) return () => true;
  const expression = /^\/(.+)\/([imsu]*)$/s.exec(wanted);
  if (expression === null) return (found) => plain(wanted, found);
  try {
    const compiled = new RegExp(expression[1] ?? '', expression[2]);
    return (found) => compiled.test(found);
  } catch (error) {
    throw unusable(where.file, `rule ${where.rule}: ${messageOf(error)}`, error);
  }
}

function unusable(file: string, why: string, cause: unknown): UserError {
  return new UserError(
    { ko: `실패 분류 규칙을 읽을 수 없습니다: ${file}`, en: `the failure rules cannot be used: ${file}` },
    { why, cause, tryThis: [{ ko: `형식은 ${shippedFile}을 보십시오`, en: `see ${shippedFile} for its form` }] },
  );
}

export function classify(failure: Failure, rules: readonly FailureRule[]): Classified {
  const rule = rules.find((candidate) => candidate.matches(failure));
  return rule === undefined
    ? { class: 'unknown', rule: 'none', retry: true }
    : { class: rule.class, rule: rule.name, retry: rule.retry };
}

/** 12 hex digits: failures of one cause. Messages hold ids and offsets, so they do not count. */
export function fingerprintOf({
  class: name,
  exception,
  eventType,
}: Omit<Failure, 'message'> & { class: FailureClass }) {
  return createHash('sha256')
    .update(JSON.stringify([name, exception, eventType ?? null]))
    .digest('hex')
    .slice(0, 12);
}

/**
 * As `loadFailureRules`, for a worker: own rules that cannot be used are told and left out, as records must be classed
 * all the same.
 */
export async function usableFailureRules(
  ownFile: string | undefined,
  onUnusable: (error: UserError) => void,
): Promise<readonly FailureRule[]> {
  try {
    return await loadFailureRules(ownFile);
  } catch (error) {
    if (!(error instanceof UserError) || ownFile === undefined) throw error;
    onUnusable(error);
    return loadFailureRules(undefined);
  }
}
