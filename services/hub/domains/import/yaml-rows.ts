import { IMPORT_KINDS, type ImportKind, type ImportProblem } from '@dipper/contract/api/import';
import { suggestName } from '@dipper/contract/nearest-name';
import { nameOfPath, readStrictYaml } from '@dipper/contract/strict-yaml';
import { Type } from 'typebox';
import { type DraftCell, type DraftFile, type DraftRow, problemAt } from './draft-row.ts';
import { columnNamesOf, fieldNamed, KINDS } from './import-kinds.ts';

const List = Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown())));
const Lists = Type.Object(Object.fromEntries(IMPORT_KINDS.map((kind) => [KINDS[kind].list, List])), {
  additionalProperties: false,
});

/** Rows of YAML as config/places.yaml has them, with the lists `staff` and `roster` besides. */
export function rowsFromYaml(file: string, text: string): DraftFile {
  const yaml = readStrictYaml(text, Lists);
  if (yaml.problems.length > 0 || yaml.value === null || typeof yaml.value !== 'object') {
    const found = yaml.problems.length > 0 ? yaml.problems : ['the file is empty'];
    return { kinds: [], rows: [], problems: found.map((problem) => fromSentence(file, problem)) };
  }
  const lists = yaml.value as Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  const problems: ImportProblem[] = [];
  const kinds = IMPORT_KINDS.filter((kind) => lists[KINDS[kind].list] !== undefined);
  const lineAt = (path: readonly (string | number)[]): number => lineOf(yaml.at(path)) ?? 1;
  const rowFrom = (kind: ImportKind, item: Readonly<Record<string, unknown>>, index: number): DraftRow => {
    const path = [KINDS[kind].list, index];
    const cells = new Map<string, DraftCell>();
    for (const [key, value] of Object.entries(item)) {
      const line = lineAt([...path, key]);
      const isNameInTwoLanguages = key === 'name' && value !== null && typeof value === 'object';
      const named: [string, unknown][] = isNameInTwoLanguages
        ? Object.entries(value).map(([language, text]): [string, unknown] => [`name_${language}`, text])
        : [[key, value]];
      for (const [name, each] of named) {
        const field = fieldNamed(KINDS[kind], name);
        const column = nameOfPath([...path, key]);
        if (field === undefined) {
          const hint = suggestName(name, columnNamesOf(KINDS[kind]));
          problems.push(
            problemAt({ file, line, column }, { zh: `没有“${name}”这一项；${hint}`, en: `is not a key; ${hint}` }),
          );
        } else cells.set(field.name, { value: each ?? '', column, line });
      }
    }
    return { kind, file, line: lineAt(path), cells };
  };
  const rows = kinds.flatMap((kind) =>
    (lists[KINDS[kind].list] ?? []).map((item, index) => rowFrom(kind, item, index)),
  );
  return { kinds, rows, problems };
}

function lineOf(sentence: string): number | undefined {
  const match = /^line (\d+): /.exec(sentence);
  return match === null ? undefined : Number(match[1]);
}

function fromSentence(file: string, sentence: string): ImportProblem {
  const line = lineOf(sentence);
  const text = sentence.replace(/^line \d+: /, '');
  return problemAt({ file, ...(line === undefined ? {} : { line }) }, { zh: text, en: text });
}
