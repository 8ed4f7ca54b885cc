import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Effects } from './controller.ts';

/** Terminals drop longer sequences; the file has all of it. */
const osc52BytesMax = 74_994;

/**
 * Copies through OSC 52, which reaches the operator's own clipboard even over ssh, and into a file for terminals that
 * do not allow it: nobody answers, so both are done every time.
 */
export function copier(options: { readonly stdout: NodeJS.WriteStream; readonly file: string }): Effects['copy'] {
  const { stdout, file } = options;
  return async (text) => {
    const encoded = Buffer.from(text).toString('base64');
    // The sequence moves no cursor and draws nothing, so it may pass between two frames.
    if (encoded.length <= osc52BytesMax) stdout.write(`\u001b]52;c;${encoded}\u0007`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    return { file };
  };
}
