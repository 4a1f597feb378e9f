import type { ImportFile, ImportReport } from '@dipper/contract/api/import';
import { rowsFromCsv } from './csv-rows.ts';
import { type DraftFile, problemAt } from './draft-row.ts';
import { rowsFromGeoJson } from './geojson-rows.ts';
import { KINDS, kindOfFile } from './import-kinds.ts';
import { decodeText } from './import-text.ts';
import { rowsFromYaml } from './yaml-rows.ts';

export interface ReadFile extends DraftFile {
  readonly told: ImportReport['files'][number];
}

const EMPTY_TELLING = { encoding: 'utf-8', kinds: [], rows: 0 } as const;

/** Reads one file, whatever it is, into rows that nobody has checked. */
export function readDraftFile({ name, contentBase64 }: ImportFile): ReadFile {
  const refused = (zh: string, en: string): ReadFile => ({
    kinds: [],
    rows: [],
    problems: [problemAt({ file: name }, { zh, en })],
    told: { name, ...EMPTY_TELLING, kinds: [] },
  });
  const decoded = decodeText(Buffer.from(contentBase64, 'base64'));
  if (decoded === undefined) {
    return refused(
      '不是文本：请在 Excel 中另存为“CSV UTF-8（逗号分隔）”',
      "is no text: save it from the spreadsheet as 'CSV UTF-8'",
    );
  }
  const { text, encoding } = decoded;
  const tell = (draft: DraftFile): ReadFile => ({
    ...draft,
    told: { name, encoding, kinds: [...draft.kinds], rows: draft.rows.length },
  });
  const ending = name.toLowerCase().split('.').at(-1);
  if (ending === 'yaml' || ending === 'yml') return tell(rowsFromYaml(name, text));
  if (ending === 'geojson' || ending === 'json') return tell(rowsFromGeoJson(name, text));
  if (ending !== 'csv' && ending !== 'txt' && ending !== 'tsv') {
    return refused(
      '不认识的文件类型：可导入 .csv、.yaml、.geojson',
      'is no file that can be imported: .csv, .yaml or .geojson',
    );
  }
  const kind = kindOfFile(name);
  if (kind === undefined) {
    const lists = Object.values(KINDS);
    return refused(
      `文件名须说明内容，以下列之一开头：${lists.map(({ chinese }) => chinese).join('、')}`,
      `the name of the file must say what is in it; it begins with one of ${lists.map(({ list }) => list).join(', ')}`,
    );
  }
  return tell(rowsFromCsv(name, kind, text));
}
