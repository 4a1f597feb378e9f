import type { LocalText } from '@dipper/contract/api/alarm';
import type { ImportProblem } from '@dipper/contract/api/import';
import { type DraftCell, type DraftFile, type DraftRow, problemAt } from './draft-row.ts';
import { fieldNamed, KINDS } from './import-kinds.ts';

interface Feature {
  readonly id?: unknown;
  readonly geometry?: unknown;
  readonly properties?: Readonly<Record<string, unknown>> | null;
}

/**
 * Grids with their boundaries: a GeoJSON FeatureCollection (RFC 7946). The id of a grid is the feature's, or its property
 * `id`; further properties are read where they are fields of a grid, others are somebody else's.
 */
export function rowsFromGeoJson(file: string, text: string): DraftFile {
  const refused = (problem: LocalText, line?: number): DraftFile => ({
    kinds: ['grid'],
    rows: [],
    problems: [problemAt({ file, ...(line === undefined ? {} : { line }) }, problem)],
  });
  let value: { readonly type?: unknown; readonly features?: unknown };
  try {
    value = JSON.parse(text) as typeof value;
  } catch (error) {
    return refused({ zh: '不是 JSON', en: `is not JSON: ${(error as Error).message}` });
  }
  if (value?.type !== 'FeatureCollection' || !Array.isArray(value.features)) {
    return refused({ zh: '须为 GeoJSON FeatureCollection', en: 'must be a GeoJSON FeatureCollection' }, 1);
  }
  const lines = featureLines(text);
  const problems: ImportProblem[] = [];
  const rows = (value.features as (Feature | null)[]).map((feature, index): DraftRow => {
    const line = lines[index] ?? 1;
    const cells = new Map<string, DraftCell>();
    const put = (name: string, column: string, each: unknown): void => {
      const field = fieldNamed(KINDS.grid, name);
      if (field !== undefined) cells.set(field.name, { value: each ?? '', column, line });
    };
    for (const [name, each] of Object.entries(feature?.properties ?? {})) put(name, `properties.${name}`, each);
    if (feature?.id !== undefined) put('id', 'id', feature.id);
    put('boundary', 'geometry', feature?.geometry);
    return { kind: 'grid', file, line, cells };
  });
  return { kinds: ['grid'], rows, problems };
}

/** Lines on which features say that they are features; JSON itself remembers none. */
function featureLines(text: string): number[] {
  const lines: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const _ of line.matchAll(/"Feature"/g)) lines.push(index + 1);
  }
  return lines;
}
