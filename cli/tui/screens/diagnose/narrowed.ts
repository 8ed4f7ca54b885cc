import type { DiagnosisFinding } from '../../../../infra/diagnoses/diagnosis.ts';
import { quotedWord } from '../../command-line.ts';
import type { DiagnosisOutline } from '../../store/diagnoses.ts';

/** What a finding's rows call the parts of a subject, and by which option each is given. */
const options = [
  { part: 'keys', option: '--key', names: ['dedup_key', 'dedupKey', 'cache_key', 'key'] },
  { part: 'txId', option: '--tx', names: ['tx_id', 'txId', 'tx'] },
  { part: 'accountId', option: '--account', names: ['account_id', 'accountId', 'account'] },
] as const;

/** The command line that asks again, of one finding only where the diagnosis can be narrowed to it. */
export function diagnoseCommand(diagnosis: DiagnosisOutline, finding?: DiagnosisFinding): string {
  const command = `labctl diagnose ${diagnosis.id}`;
  if (finding === undefined) return command;
  for (const { part, option, names } of options) {
    if (!diagnosis.narrowsBy.includes(part)) continue;
    const values = new Set(
      finding.evidence
        .flatMap((row) => names.map((name) => row[name]))
        .filter((value) => value != null && value !== ''),
    );
    const [only] = values;
    if (values.size === 1) return `${command} ${option} ${quotedWord(String(only))}`;
  }
  return command;
}
