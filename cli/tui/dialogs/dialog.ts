import type { Language } from '../../../infra/text.ts';
import type { Press } from '../input/presses.ts';
import { type ConfirmDialog, confirmKind } from './confirm.ts';
import { type CopyDialog, copyKind } from './copy.ts';
import { type FaultsDialog, faultsKind } from './faults.ts';
import { type HelpDialog, helpKind } from './help.ts';
import type { DialogContext, DialogKind, DialogStep, DialogView } from './kind.ts';
import { type PaletteDialog, paletteKind } from './palette.ts';
import { type ProofDialog, proofKind } from './proof.ts';
import { type TraceDialog, traceKind } from './trace.ts';

/** What stands on top of a screen. A dialog is a value on a stack; to add one: its file, and a line here in two places. */
export type Dialog = HelpDialog | PaletteDialog | ProofDialog | CopyDialog | ConfirmDialog | FaultsDialog | TraceDialog;

const kinds: { readonly [K in Dialog['kind']]: DialogKind<Extract<Dialog, { kind: K }>> } = {
  help: helpKind,
  palette: paletteKind,
  proof: proofKind,
  copy: copyKind,
  confirm: confirmKind,
  faults: faultsKind,
  trace: traceKind,
};

// A dialog's kind names the entry made for exactly its type; TypeScript cannot follow that through an index.
const kindOf = (dialog: Dialog) => kinds[dialog.kind] as DialogKind<Dialog>;

export const typingIn = (dialog: Dialog): boolean => kindOf(dialog).typing(dialog);

export const pressIn = (dialog: Dialog, press: Press, language: Language): DialogStep<Dialog> =>
  kindOf(dialog).press(dialog, press, language);

export const viewOf = (dialog: Dialog, context: DialogContext): DialogView => kindOf(dialog).view(dialog, context);
