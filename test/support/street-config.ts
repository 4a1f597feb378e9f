import { readFileSync } from 'node:fs';

const sampleRules = new URL('../../config/rules.yaml', import.meta.url);

/** Places of one estate: as many entrances as asked for, `gate-1` … , each closed for good, and `open-gate` without hours. */
export function placesWithClosedGates(count: number, agents: readonly string[]): string {
  const gates = Array.from(
    { length: count },
    (_, index) =>
      `  - { id: gate-${index + 1}, estate: lanting, grid: grid-1, kind: entrance, name: { zh: 门, en: Gate ${index + 1} }, hours: { closed: always } }`,
  );
  return `
subdistricts:
  - { id: subdistrict, name: { zh: 街道, en: Subdistrict } }
communities:
  - { id: community, subdistrict: subdistrict, name: { zh: 社区, en: Community } }
grids:
  - { id: grid-1, community: community, kind: residential, name: { zh: 网格, en: Grid } }
estates:
  - { id: lanting, community: community, name: { zh: 小区, en: Estate } }
agents:
${agents.map((agent) => `  - { id: ${agent}, estate: lanting }`).join('\n')}
places:
${gates.join('\n')}
  - { id: open-gate, estate: lanting, kind: entrance, name: { zh: 大门, en: Open gate } }
devices:
  - { id: configured-camera, agent: ${agents[0]}, place: gate-1, kind: camera, name: { zh: 摄像机, en: Camera } }
`;
}

/** The sample rules with more behind them. */
export function sampleRulesAnd(more: string): string {
  return `${readFileSync(sampleRules, 'utf8')}\n${more}`;
}
