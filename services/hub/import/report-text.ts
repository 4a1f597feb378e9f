import type { ImportReport } from '@dipper/contract/api/import';

const OUTCOMES: Readonly<Record<ImportReport['outcome'], string>> = {
  imported: 'imported',
  nothing: 'nothing to do: everything is as the files say',
  'dry-run': 'dry run: nothing was changed',
  refused: 'nothing was imported: mend the errors first',
  undecided: 'nothing was imported: what the files no longer name would be removed; decide with --remove or --keep',
};

/** What a terminal shows of an import. */
export function textOf(report: ImportReport): string {
  const lines: string[] = [];
  for (const { name, encoding, kinds, rows } of report.files) {
    lines.push(`${name}: ${rows} rows of ${kinds.join(', ') || 'nothing'} (${encoding})`);
  }
  for (const { severity, file, line, column, text } of report.problems) {
    const place = [file, line, column].filter((part) => part !== null && part !== '').join(':');
    lines.push(`${severity}: ${place === '' ? '' : `${place}: `}${text.en} (${text.zh})`);
  }
  for (const { kind, id, change, fields } of report.changes) {
    if (change === 'removed') lines.push(`removed: ${kind} ${id}`);
    else if (fields.length > 0) lines.push(`${change}: ${kind} ${id} (${fields.join(', ')})`);
  }
  for (const { kind, created, changed, unchanged, removed } of report.counts) {
    lines.push(`${kind}: ${created} new, ${changed} changed, ${unchanged} as they were, ${removed} no longer named`);
  }
  for (const { name, code } of report.codes) lines.push(`code for ${name}: ${code}`);
  lines.push(OUTCOMES[report.outcome]);
  return lines.join('\n');
}
