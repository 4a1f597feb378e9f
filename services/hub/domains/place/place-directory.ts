import type { LocalText } from '@dipper/contract/api/alarm';
import { isOpenAt } from './opening-hours.ts';
import type { PlacesFile } from './place.file.ts';

export type KnownPlace = PlacesFile['places'][number];

/** The configured places in memory, as rules look at them. */
export interface PlaceDirectory {
  find(place: string): KnownPlace | undefined;
  /** Where a device of an agent stands; undefined when the configuration does not know it as that agent's. */
  placeOfDevice(agent: string, device: string): string | undefined;
  /** Whether people should be there; undefined where no hours are set. */
  isOpen(place: string, at: Date): boolean | undefined;
  /** Where work goes that concerns an estate as a whole: the grid of its first place that has one. */
  gridOfEstate(estate: string): string | null;
  /** Name of a place, device or estate; its id where it has none. */
  nameOf(kind: 'place' | 'device' | 'estate', id: string): LocalText;
}

/** A directory whose places change while it is in use. */
export interface LivePlaceDirectory extends PlaceDirectory {
  replace(file: PlacesFile): void;
}

export function createLivePlaceDirectory(file: PlacesFile): LivePlaceDirectory {
  let current = createPlaceDirectory(file);
  return {
    find: (place) => current.find(place),
    placeOfDevice: (agent, device) => current.placeOfDevice(agent, device),
    isOpen: (place, at) => current.isOpen(place, at),
    gridOfEstate: (estate) => current.gridOfEstate(estate),
    nameOf: (kind, id) => current.nameOf(kind, id),
    replace(next) {
      current = createPlaceDirectory(next);
    },
  };
}

export function createPlaceDirectory(file: PlacesFile): PlaceDirectory {
  const places = new Map(file.places.map((place) => [place.id, place]));
  const devices = new Map(file.devices.map((device) => [device.id, device]));
  const names = {
    place: new Map(file.places.map(({ id, name }) => [id, name])),
    device: new Map(file.devices.map(({ id, name }) => [id, name])),
    estate: new Map(file.estates.map(({ id, name }) => [id, name])),
  };
  return {
    find: (place) => places.get(place),
    placeOfDevice(agent, device) {
      const known = devices.get(device);
      return known?.agent === agent ? known.place : undefined;
    },
    isOpen(place, at) {
      const hours = places.get(place)?.hours;
      return hours === undefined ? undefined : isOpenAt(hours, at);
    },
    gridOfEstate: (estate) =>
      file.places.find((place) => place.estate === estate && place.grid !== undefined)?.grid ?? null,
    nameOf: (kind, id) => names[kind].get(id) ?? { zh: id, en: id },
  };
}
