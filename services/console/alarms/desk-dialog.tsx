import type { Decision } from '../decisions/decisions-for.ts';
import { shelvableOf } from '../decisions/decisions-for.ts';
import { JoinDialog } from '../decisions/join-dialog.tsx';
import { OutOfServiceDialog } from '../decisions/out-of-service-dialog.tsx';
import { ShelveDialog } from '../decisions/shelve-dialog.tsx';
import { SplitDialog } from '../decisions/split-dialog.tsx';
import { HandoverDrawer } from '../handover/handover-drawer.tsx';
import { SilencesDrawer } from '../standing/silences-drawer.tsx';
import type { QueueLine } from './queue-line.ts';

/** What may lie over the desk. */
export type DeskDialogKind = Decision | 'silences' | 'handover';

interface DeskDialogProps {
  readonly kind: DeskDialogKind;
  readonly line: QueueLine | undefined;
  readonly lines: readonly QueueLine[];
  readonly hasCase: boolean;
  readonly longestShelfMin: number;
  readonly onClose: () => void;
}

/** Opens one of them; a decision is about the line that was on screen when it was chosen. */
export function DeskDialog({ kind, line, lines, hasCase, longestShelfMin, onClose }: DeskDialogProps) {
  if (kind === 'silences') return <SilencesDrawer onClose={onClose} />;
  if (kind === 'handover') return <HandoverDrawer onClose={onClose} />;
  if (line === undefined) return null;
  switch (kind) {
    case 'shelve': {
      const alarm = shelvableOf(line);
      return alarm === undefined ? null : <ShelveDialog alarm={alarm} longestMin={longestShelfMin} onClose={onClose} />;
    }
    case 'takeOut':
      return <OutOfServiceDialog alarm={line.alarms[0]} onClose={onClose} />;
    case 'join':
      return <JoinDialog line={line} lines={lines} onClose={onClose} />;
    case 'split':
      return <SplitDialog line={line} hasCase={hasCase} onClose={onClose} />;
  }
}
