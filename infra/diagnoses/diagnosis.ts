import type { ProbeId } from '../probes/index.ts';
import type { Severity, Subject } from '../probes/probe.ts';
import type { Target } from '../target.ts';
import type { Text } from '../text.ts';

/**
 * A question that an operator asks. It is answered from one consistent cut: offsets and watermarks are taken first, rows
 * are judged below them. What is in flight is pending, what is on the ladder in retry, what retention took expired; none
 * of these is a finding. Diagnosing never writes.
 */
export interface Diagnosis {
  /** The word that `labctl diagnose` takes: `duplicates`. */
  readonly id: string;
  readonly title: Text;
  /** As an operator would put it. */
  readonly question: Text;
  /** Live evidence beside the answer, shown by the console. */
  readonly probes: readonly ProbeId[];
  /** By which parts of a subject it can be narrowed; none: it always looks at everything. */
  readonly narrowsBy: readonly (keyof Subject)[];
  /** For the whole answer, milliseconds. */
  readonly timeoutMs: number;
  /**
   * @throws UnknownValue when the target lacks what is asked about; any other error becomes the reason of an unknown
   * answer too. Never a finding and never clean because something could not be read.
   */
  ask(target: Target, context: AskContext): Promise<Answer>;
}

export interface AskContext {
  readonly signal: AbortSignal;
  readonly subject: Subject;
  readonly nowMs: number;
  /** Long work says how far it is. */
  onProgress(progress: AskProgress): void;
}

export interface AskProgress {
  /** What is being gone through: `ledger rows`. */
  readonly what: Text;
  readonly done: number;
  /** Undefined where nobody knows how many there are. */
  readonly of: number | undefined;
}

export interface Answer {
  /**
   * clean: something was checked, and all of it is well. unknown: nothing was there to check, or a part of the question
   * could not be answered and nothing was found in the rest; the explanation says why.
   */
  readonly status: 'clean' | 'finding' | 'unknown';
  /** Exact numbers by name: what was checked, what was found by kind, what is pending, in retry, expired. */
  readonly counts: Readonly<Record<string, number>>;
  /** The worst first, at most `findingsMax`; the counts tell them all. */
  readonly findings: readonly DiagnosisFinding[];
  /** What was looked at, what it means, and what could not be seen. */
  readonly explanation: Text;
  /** What to do next, the most useful first. */
  readonly next: readonly NextStep[];
}

export interface DiagnosisFinding {
  /** Stable while it stands: `lost.tx-1:7`. */
  readonly key: string;
  /** One word of what it is: `lost`, `truncated`, `doubled`. Each kind has its number in the counts. */
  readonly kind: string;
  readonly severity: Exclude<Severity, 'ok'>;
  readonly text: Text;
  /** By which evidence it is known, and what that cannot see. Absent where the engine itself says so. */
  readonly rung?: EvidenceRung;
  /** The rows, offsets, sessions themselves, each as name → value; money and offsets as text. */
  readonly evidence: readonly EvidenceRow[];
  /** Whoever wants to see one event's way: what `labctl trace` takes. */
  readonly trace?: string;
}

export type EvidenceRow = Readonly<Record<string, string | number | boolean | null>>;

/** The strongest first. */
export type EvidenceRung =
  | 'effect journal'
  | 'ledger against projection'
  | 'topic scan by dedup_key'
  | 'processed_event alone';

/** What a rung cannot see, said with every finding that stands on it. */
export const blindSpots: Readonly<Record<EvidenceRung, Text>> = {
  'effect journal': {
    ko: '저널 밖에서 일어난 변경은 보이지 않습니다',
    en: 'a change made outside the journal is not seen',
  },
  'ledger against projection': {
    ko: '서로 상쇄되는 중복과 누락은 보이지 않습니다',
    en: 'a doubled and a missing effect that cancel each other out are not seen',
  },
  'topic scan by dedup_key': {
    ko: '토픽에 두 번 있다고 해서 두 번 반영된 것은 아닙니다',
    en: 'twice in the topic does not yet mean applied twice',
  },
  'processed_event alone': {
    ko: '효과 없이 기록만 남았거나 기록 없이 반영된 것은 보이지 않습니다',
    en: 'a record without its effect, or an effect without its record, is not seen',
  },
};

export interface NextStep {
  readonly text: Text;
  /** As an operator would type it. */
  readonly command?: string;
}

/** More findings than this are counted, not listed. */
export const findingsMax = 1_000;
