import { LocalText } from '@dipper/contract/api/alarm';
import { PlaceKind } from '@dipper/contract/api/inventory';
import { Slug } from '@dipper/contract/identifiers';
import { suggestName } from '@dipper/contract/nearest-name';
import { type Static, type TProperties, Type } from 'typebox';
import { readYamlFile, type YamlFile } from '../../yaml-file.ts';
import { isTimeZone, OpeningHours } from './opening-hours.ts';

const strict = { additionalProperties: false };
const listOf = <P extends TProperties>(properties: P) =>
  Type.Array(Type.Object({ id: Slug, ...properties }, strict), { minItems: 1 });

/** config/places.yaml: what lies where. */
const PlacesFile = Type.Object(
  {
    subdistricts: listOf({ name: LocalText }),
    communities: listOf({ subdistrict: Slug, name: LocalText }),
    grids: listOf({ community: Slug, kind: Type.Enum(['residential', 'industrial', 'market']), name: LocalText }),
    estates: listOf({ community: Slug, name: LocalText }),
    agents: listOf({ estate: Slug }),
    places: listOf({
      estate: Slug,
      grid: Type.Optional(Slug),
      kind: PlaceKind,
      name: LocalText,
      hours: Type.Optional(OpeningHours),
    }),
    devices: listOf({ agent: Slug, place: Slug, kind: Type.Enum(['camera', 'gate']), name: LocalText }),
  },
  strict,
);
export type PlacesFile = Static<typeof PlacesFile>;

/** Which list the value of a key refers to. */
const REFERENCES = {
  communities: { subdistrict: 'subdistricts' },
  grids: { community: 'communities' },
  estates: { community: 'communities' },
  agents: { estate: 'estates' },
  places: { estate: 'estates', grid: 'grids' },
  devices: { agent: 'agents', place: 'places' },
} as const;

/**
 * Reads the places of a subdistrict.
 * @throws ConfigInvalidError naming line, key and the nearest valid name of every reference that leads nowhere
 */
export function readPlacesFile(file: string): PlacesFile {
  const yaml = readYamlFile(file, PlacesFile);
  checkIds(yaml);
  checkReferences(yaml);
  checkHours(yaml);
  checkDevices(yaml);
  yaml.check();
  return yaml.value;
}

function checkIds({ value, problem }: YamlFile<PlacesFile>): void {
  for (const [list, items] of Object.entries(value)) {
    const seen = new Set<string>();
    for (const [index, { id }] of items.entries()) {
      if (seen.has(id)) problem([list, index, 'id'], `'${id}' occurs twice`);
      seen.add(id);
    }
  }
}

function checkReferences({ value, problem }: YamlFile<PlacesFile>): void {
  for (const [list, references] of Object.entries(REFERENCES)) {
    for (const [key, target] of Object.entries(references)) {
      const known = value[target as keyof PlacesFile].map(({ id }) => id);
      for (const [index, item] of value[list as keyof PlacesFile].entries()) {
        const id = (item as Record<string, unknown>)[key];
        if (typeof id === 'string' && !known.includes(id)) {
          problem([list, index, key], `there is no '${id}' in ${target}; ${suggestName(id, known)}`);
        }
      }
    }
  }
}

function checkHours({ value, problem }: YamlFile<PlacesFile>): void {
  for (const [index, { hours }] of value.places.entries()) {
    const path = ['places', index, 'hours'];
    if (hours === undefined) continue;
    if ((hours.closed === undefined) === (hours.weekly === undefined)) {
      problem(path, "needs either 'closed: always' or a 'weekly' table");
    }
    if (hours.weekly === undefined) continue;
    if (hours.timeZone === undefined) problem(path, "a 'weekly' table needs a 'timeZone'");
    else if (!isTimeZone(hours.timeZone)) problem([...path, 'timeZone'], `there is no time zone '${hours.timeZone}'`);
  }
}

/** A device stands in the estate of its agent. */
function checkDevices({ value, problem }: YamlFile<PlacesFile>): void {
  for (const [index, device] of value.devices.entries()) {
    const agent = value.agents.find(({ id }) => id === device.agent);
    const place = value.places.find(({ id }) => id === device.place);
    if (agent !== undefined && place !== undefined && agent.estate !== place.estate) {
      problem(
        ['devices', index, 'place'],
        `'${place.id}' lies in estate ${place.estate}, its agent in ${agent.estate}`,
      );
    }
  }
}
