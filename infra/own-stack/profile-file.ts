import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { closest } from '../closest.ts';
import { UserError } from '../errors.ts';
import type { Text } from '../text.ts';
import { type ProfileSettings, profilesSchema } from './profile-schema.ts';
import { readable } from './tls-files.ts';

export interface ProfileFile {
  readonly path: string;
  readonly profiles: Readonly<Record<string, ProfileSettings>>;
}

/** Where a labctl.yaml is looked for; the first that exists is taken. One that is named must exist. */
export function profileFilePath(named: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const asked = named ?? (env.LABCTL_CONFIG || undefined);
  if (asked !== undefined) return resolve(asked);
  const home = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  return [resolve('labctl.yaml'), join(home, 'labctl', 'labctl.yaml')].find((path) => existsSync(path));
}

/** @throws UserError naming file, line and path of the first mistake, and what would be right there. */
export function readProfileFile(path: string): ProfileFile {
  const lines = new LineCounter();
  const document = parseDocument(readable(path), { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw mistake(path, lines.linePos(broken.pos[0]).line, '', { ko: broken.message, en: broken.message });
  }
  const parsed = profilesSchema.safeParse(document.toJS({ maxAliasCount: 50 }) ?? {});
  if (parsed.success) return { path, profiles: parsed.data.profiles };
  const { issues } = parsed.error;
  // A mistyped key is usually why another one is missing.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) throw parsed.error;
  const at = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  throw mistake(path, lineOf(document, lines, issue, at), at.join('.'), explained(issue, at));
}

type Step = string | number;

/** The line of the value, or of the unknown key; of what is missing that of where it should be. */
function lineOf(document: Document, lines: LineCounter, issue: z.core.$ZodIssue, at: readonly Step[]): number {
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const wanted = unknownKey === undefined ? at : [...at, unknownKey];
  for (let depth = wanted.length; depth >= 0; depth--) {
    const node = document.getIn(wanted.slice(0, depth), true) as { range?: readonly number[] } | undefined;
    if (node?.range?.[0] !== undefined) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function explained(issue: z.core.$ZodIssue, at: readonly Step[]): Text {
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? issue.message;
    return { ko: message, en: message };
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return { ko: '이 설정이 빠져 있습니다', en: 'it is missing' };
  }
  if (issue.code !== 'unrecognized_keys') return { ko: issue.message, en: issue.message };
  const [key = ''] = issue.keys;
  const allowed = keysAt(at);
  const meant = closest(key, allowed);
  return {
    ko: `"${key}"은(는) 없는 설정입니다. 쓸 수 있는 것: ${allowed.join(', ')}${meant === undefined ? '' : ` (혹시 ${meant}?)`}`,
    en: `there is no "${key}"; allowed: ${allowed.join(', ')}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`,
  };
}

/** The keys that the schema allows at a place. */
function keysAt(path: readonly Step[]): readonly string[] {
  let here: unknown = profilesSchema;
  for (const step of path) {
    const schema = unwrapped(here);
    if (schema instanceof z.ZodObject) here = schema.shape[String(step)];
    else if (schema instanceof z.ZodRecord) here = schema.valueType;
    else if (schema instanceof z.ZodArray) here = schema.element;
    else return [];
  }
  const schema = unwrapped(here);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrapped(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in);
  if (schema instanceof z.ZodUnion) {
    return unwrapped(schema.options.find((option: unknown) => option instanceof z.ZodObject));
  }
  return schema;
}

function mistake(file: string, line: number, path: string, why: Text): UserError {
  const where = path === '' ? '' : ` (${path})`;
  return new UserError(
    { ko: `${file}:${line}${where}: 쓸 수 없는 설정`, en: `${file}:${line}${where} cannot be used` },
    { why },
  );
}
