import type { GridCase } from '@dipper/contract/api/case';
import { DipperError } from '@dipper/contract/errors';
import { seesCase } from '../domains/case/grid-case.repository.ts';
import type { Actor, HubServices } from '../services.ts';
import { isWithin, type Location, type Scope } from './scope.ts';

type Located = Location & { readonly id: string };

/** Services whose things are read by id. */
interface Readable<V> {
  findMany(ids: readonly string[]): Promise<V[]>;
  get(id: string): Promise<V>;
}

/**
 * The services as people use them: each call keeps to the scope of whoever asks. What lies outside is NOT_FOUND by id and
 * absent from lists. Whatever a new method of a service does, it has to be written down here before a route can call it.
 *
 * @param scopeNow throws where nobody asks
 */
export function scopeServices(services: HubServices, scopeNow: () => Scope): HubServices {
  const within = <Q extends object>(query: Q): Q & { within: Scope } => ({ ...query, within: scopeNow() });
  const isSeen = (location: Location): boolean => isWithin(scopeNow(), location);
  const seen = <V extends Location>(view: V): V => {
    if (!isSeen(view)) throw new DipperError('NOT_FOUND');
    return view;
  };
  const readable = <V extends Located>(service: Readable<V>): Readable<V> => ({
    findMany: async (ids) => (await service.findMany(ids)).filter(isSeen),
    get: async (id) => seen(await service.get(id)),
  });
  const { alarms, shelves, outOfService, incidents, events, devices, agents, places, handovers } = services;
  const own = {
    alarms: readable(alarms),
    shelves: readable(shelves),
    outOfService: readable(outOfService),
    incidents: readable(incidents),
    devices: readable(devices),
  };

  return {
    ...services,
    eventCounts: { count: (query) => services.eventCounts.count(within(query)) },
    alarms: {
      ...own.alarms,
      list: (query) => alarms.list(within(query)),
      async history(id) {
        await own.alarms.get(id);
        return alarms.history(id);
      },
      async acknowledge(id, acknowledgement, actor) {
        await own.alarms.get(id);
        return alarms.acknowledge(id, acknowledgement, actor);
      },
    },
    shelves: {
      ...own.shelves,
      list: (query) => shelves.list(within(query)),
      async shelve(shelf, actor) {
        await own.alarms.get(shelf.alarm);
        return shelves.shelve(shelf, actor);
      },
      async end(id, end, actor) {
        await own.shelves.get(id);
        return shelves.end(id, end, actor);
      },
    },
    outOfService: {
      ...own.outOfService,
      list: (query) => outOfService.list(within(query)),
      async take(entry, actor) {
        // A rule is out of service everywhere.
        if (entry.device === undefined) seen({});
        else await own.devices.get(entry.device);
        return outOfService.take(entry, actor);
      },
      async end(id, end, actor) {
        await own.outOfService.get(id);
        return outOfService.end(id, end, actor);
      },
    },
    handovers: {
      list: (query, actor) => handovers.list(within(query), actor),
      write(note, actor) {
        // What is for every estate is written by who answers for every estate.
        seen({ estate: note.estate ?? null });
        return handovers.write(note, actor);
      },
    },
    incidents: {
      ...own.incidents,
      list: (query) => incidents.list(within(query)),
      async getDetail(id) {
        await own.incidents.get(id);
        return incidents.getDetail(id);
      },
      async join(id, join, actor) {
        await own.incidents.get(id);
        await own.incidents.get(join.incident);
        return incidents.join(id, join, actor);
      },
      async split(id, split, actor) {
        await own.incidents.get(id);
        return incidents.split(id, split, actor);
      },
    },
    cases: scopeCases(services, { scope: scopeNow, within }),
    events: {
      list: (query) => events.list(within(query)),
      ...readable(events),
      findSpans: async (names) => (await events.findSpans(names)).filter(isSeen),
      async findMedia(ref) {
        const media = await events.findMedia(ref);
        if (media === undefined) return undefined;
        return (await events.findMany([media.event])).some(isSeen) ? media : undefined;
      },
    },
    devices: {
      ...own.devices,
      list: (query) => devices.list(within(query)),
      async find(id) {
        const device = await devices.find(id);
        return device !== undefined && isSeen(device) ? device : undefined;
      },
    },
    agents: {
      ...readable(agents),
      list: (query) => agents.list(within(query)),
      challenge: (address) => agents.challenge(address),
    },
    placeTree: {
      ...services.placeTree,
      read: (query) => services.placeTree.read(within(query)),
    },
    roster: { onDuty: (query) => services.roster.onDuty(within(query)) },
    places: {
      list: (query) => places.list(within(query)),
      async get(id) {
        const place = await places.get(id);
        seen({ ...place, place: place.id });
        return place;
      },
    },
  };
}

interface Keep {
  scope(): Scope;
  within<Q extends object>(query: Q): Q & { within: Scope };
}

function scopeCases({ cases }: HubServices, { scope, within }: Keep): HubServices['cases'] {
  /** A case in one's own hands is seen wherever it lies: whoever stands in for a colleague works in another grid. */
  const isSeen = (gridCase: GridCase, { name }: Actor): boolean => seesCase(scope(), name, gridCase);
  /** Of a case where it lies is enough here: all that `get` tells takes several queries more. */
  const reach = async (id: string, actor: Actor): Promise<void> => {
    const [gridCase] = await cases.findMany([id], actor);
    if (gridCase === undefined || !isSeen(gridCase, actor)) throw new DipperError('NOT_FOUND');
  };
  return {
    list: (query, actor) => cases.list(within(query), actor),
    findMany: async (ids, actor) => (await cases.findMany(ids, actor)).filter((found) => isSeen(found, actor)),
    async get(id, actor) {
      const detail = await cases.get(id, actor);
      if (!isSeen(detail.case, actor)) throw new DipperError('NOT_FOUND');
      return detail;
    },
    async takeStep(id, step, actor) {
      await reach(id, actor);
      if (step.into !== undefined) await reach(step.into, actor);
      return cases.takeStep(id, step, actor);
    },
    // Where it lies is found out where it is opened: what was named may be anything.
    open: (report, actor) => cases.open(report, { ...actor, scope: scope() }),
    findDuplicates: (query) => cases.findDuplicates(within(query)),
  };
}
