import type { LocalText } from '@dipper/contract/api/alarm';
import type { PlaceView } from '@dipper/contract/api/inventory';
import { useQuery } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { useLocalText } from '../i18n/use-language.ts';

/** Whether a place is within its hours changes by the clock alone, without a message. */
const READ_AGAIN_MS = 60_000;

interface Whereabouts {
  readonly place: string | null;
  readonly estate: string | null;
  readonly grid?: string | null;
}

export interface Places {
  readonly all: readonly PlaceView[];
  find(id: string | null): PlaceView | undefined;
  /** The place's name in the reader's language; its id while nothing better is known. */
  nameOf(id: string | null): string | undefined;
  /** "阳光花园 · 东门" */
  fullNameOf(id: string | null): string | undefined;
  /** The estate's name, for what belongs to no place. */
  estateNameOf(estate: string): string;
  /** Where something is, as closely as is known: its place, its estate, its grid. */
  whereOf(what: Whereabouts): string;
}

/** Places by id. Empty until they have been read; a list shows ids meanwhile rather than waiting. */
export function usePlaces(): Places {
  const { client } = useHub();
  const localText = useLocalText();
  const { data } = useQuery({
    queryKey: keys.places,
    queryFn: ({ signal }) => listEverything<PlaceView>(client, '/api/v1/places', signal),
    refetchInterval: READ_AGAIN_MS,
  });
  const all = data ?? [];
  const find = (id: string | null): PlaceView | undefined => all.find((place) => place.id === id);
  const name = (id: string | null, say: (place: PlaceView, text: (text: LocalText) => string) => string) => {
    const place = find(id);
    return place === undefined ? (id ?? undefined) : say(place, localText);
  };
  const fullNameOf = (id: string | null) =>
    name(id, (place, text) => `${text(place.estateName)} · ${text(place.name)}`);
  const estateNameOf = (estate: string): string => {
    const place = all.find((each) => each.estate === estate);
    return place === undefined ? estate : localText(place.estateName);
  };
  return {
    all,
    find,
    nameOf: (id) => name(id, (place, text) => text(place.name)),
    estateNameOf,
    fullNameOf,
    whereOf: ({ place, estate, grid }) => fullNameOf(place) ?? estateNameOf(estate ?? grid ?? ''),
  };
}
