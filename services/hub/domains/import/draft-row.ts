import type { LocalText } from '@dipper/contract/api/alarm';
import type { ImportKind, ImportProblem } from '@dipper/contract/api/import';

/** One row as a file has it, whatever the file is; nothing of it has been checked. */
export interface DraftRow {
  readonly kind: ImportKind;
  readonly file: string;
  readonly line: number;
  /** By the name of the field. What a file has no column for is absent; an empty cell is ''. */
  readonly cells: ReadonlyMap<string, DraftCell>;
}

export interface DraftCell {
  /** A text, or what YAML or GeoJSON have instead of one. */
  readonly value: unknown;
  /** As the file calls it. */
  readonly column: string;
  readonly line: number;
}

/** What a file was read into. */
export interface DraftFile {
  readonly kinds: readonly ImportKind[];
  readonly rows: readonly DraftRow[];
  readonly problems: readonly ImportProblem[];
}

/** Says something about a place in a file. */
export function problemAt(
  { file, line, column }: { readonly file: string; readonly line?: number; readonly column?: string },
  text: LocalText,
  severity: ImportProblem['severity'] = 'error',
): ImportProblem {
  return { severity, file, line: line ?? null, column: column ?? null, text };
}
