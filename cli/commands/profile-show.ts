import type { VerifiedName } from '../../infra/own-stack/verify-names.ts';
import type { Part } from '../../infra/probes/reading.ts';
import type { OwnStack, Target } from '../../infra/target.ts';
import type { Language, Text } from '../../infra/text.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { flag, optionalArgument } from '../fields.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { plainTable } from '../output/table.ts';
import { namedStack, publicEndpoints } from '../own-stack.ts';

interface ShownProfile {
  readonly schema: 'labctl.profile/1';
  readonly profile: string;
  /** Without passwords. */
  readonly endpoints: ReturnType<typeof publicEndpoints>;
  readonly roles: OwnStack['roles'];
  readonly checks: OwnStack['checks'];
  /** With --check. */
  readonly names?: readonly VerifiedName[];
  readonly gives?: readonly Given[];
}

/** What a probe or a diagnosis says on this target now. */
interface Given {
  readonly kind: 'probe' | 'diagnosis';
  readonly id: string;
  readonly title: Text;
  readonly reads: Part<true>;
  /** What of it could not be read, where the rest was. */
  readonly without?: string;
}

export const profileShow = command({
  path: ['profile', 'show'],
  summary: {
    ko: '내 스택 하나: 주소, 역할 맵, 점검; --check로 이름을 모두 확인',
    en: 'one stack: addresses, role map, checks; --check looks up every name',
  },
  impact: 'read',
  details: {
    ko: '--check: 역할 맵의 이름마다 information_schema와 클러스터에 있는지 보고, 어떤 프로브와 진단이 되는지 말합니다.\n종료 코드: 0 모두 있음 · 1 없는 이름이 있음 · 2 확인할 수 없는 이름이 있음',
    en: '--check: whether each name of the role map is in information_schema and in the cluster, and which probes and diagnoses that gives.\nExit code: 0 all there · 1 a name is missing · 2 a name could not be looked up',
  },
  fields: {
    name: optionalArgument('[name]', { ko: '프로필 이름', en: 'its name' }),
    check: flag('--check', { ko: '이름을 모두 확인', en: 'look up every name' }),
  },
  async run({ name, check }, context): Promise<ShownProfile> {
    const stack = await namedStack(context, name);
    const { profile, endpoints, roles, checks } = stack;
    const shown = {
      schema: 'labctl.profile/1',
      profile,
      endpoints: publicEndpoints(endpoints),
      roles,
      checks,
    } as const;
    return check ? { ...shown, ...(await checked(stack, context)) } : shown;
  },
  exitCode({ names = [] }): ExitCode {
    if (names.some(({ found }) => found.known && !found.value)) return exitCodes.finding;
    return names.some(({ found }) => !found.known) ? exitCodes.unknown : exitCodes.ok;
  },
  async text(shown, { language }) {
    const { stringify } = await import('yaml');
    const { profile, endpoints, roles, checks, names, gives } = shown;
    if (names === undefined || gives === undefined) return stringify({ [profile]: { ...endpoints, roles, checks } });
    return [await namesText(names, language), '', await givesText(gives, language)].join('\n');
  },
});

async function checked(stack: OwnStack, { clock }: Context): Promise<Pick<Required<ShownProfile>, 'names' | 'gives'>> {
  const [{ ownTarget }, { verifyNames }] = await Promise.all([
    import('../../infra/target.ts'),
    import('../../infra/own-stack/verify-names.ts'),
  ]);
  const target = ownTarget(stack);
  try {
    return { names: await verifyNames(target), gives: await givenBy(target, clock) };
  } finally {
    await target.close();
  }
}

/** Probes are read once. A diagnosis stands on probes: it has nothing to say where none of them is mapped. */
async function givenBy(target: Target, clock: Context['clock']): Promise<readonly Given[]> {
  const [{ probesOf }, { readOnce }, { diagnoses }] = await Promise.all([
    import('../../infra/probes/index.ts'),
    import('../../infra/probes/sampler.ts'),
    import('../../infra/diagnoses/index.ts'),
  ]);
  const probes: Given[] = [];
  for (const probe of probesOf(target)) {
    const reading = await readOnce({ probe, target, before: undefined, clock });
    const reads: Given['reads'] =
      reading.status === 'ok' ? { known: true, value: true } : { known: false, reason: reading.reason };
    const without = reading.status === 'ok' ? unknownIn(reading.value) : undefined;
    probes.push({
      ...{ kind: 'probe', id: probe.id, title: probe.title, reads },
      ...(without === undefined ? {} : { without }),
    });
  }
  const answers = diagnoses.map(({ id, title, probes: standsOn }): Given => {
    const under = probes.filter((probe) => standsOn.some((wanted) => wanted === probe.id)).map(({ reads }) => reads);
    const reads = under.find(({ known }) => known) ?? under[0] ?? ({ known: true, value: true } as const);
    return { kind: 'diagnosis', id, title, reads };
  });
  return [...probes, ...answers];
}

/** The first part of a value that is unknown, as its reason; parts are marked so wherever they stand. */
function unknownIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { known, reason } = value as { readonly known?: unknown; readonly reason?: unknown };
  if (known === false && typeof reason === 'string') return reason;
  for (const part of Object.values(value)) {
    const found = unknownIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

const marks = { yes: '✓', no: '✗', unknown: '?' } as const;

async function namesText(names: readonly VerifiedName[], language: Language): Promise<string> {
  if (names.length === 0) return { ko: '역할 맵이 없습니다', en: 'there is no role map' }[language];
  const missing = { ko: '없거나 볼 권한이 없음', en: 'not there, or not to be seen by this account' }[language];
  return plainTable([
    ['', ...{ ko: ['역할', '이름', ''], en: ['ROLE', 'NAME', ''] }[language]],
    ...names.map(({ role, name, found }) => {
      if (!found.known) return [marks.unknown, role, name, found.reason];
      return found.value ? [marks.yes, role, name, ''] : [marks.no, role, name, missing];
    }),
  ]);
}

async function givesText(gives: readonly Given[], language: Language): Promise<string> {
  return plainTable([
    ['', ...{ ko: ['프로브·진단', '무엇', ''], en: ['PROBE / DIAGNOSIS', 'WHAT', ''] }[language]],
    ...gives.map(({ kind, id, title, reads, without }) => [
      reads.known && without === undefined ? marks.yes : marks.unknown,
      kind === 'probe' ? `get ${id}` : `diagnose ${id}`,
      title[language],
      reads.known ? (without ?? '') : reads.reason,
    ]),
  ]);
}
