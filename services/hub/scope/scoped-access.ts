import { DipperError } from '@dipper/contract/errors';
import type { AccessServices } from '../domains/policy/access-services.ts';
import type { PlaceService } from '../services.ts';
import { isWithin, type Location, type Scope } from './scope.ts';

/**
 * Who may pass where, as people use it: each call keeps to the scope of whoever asks. Holders, areas and schedules are those
 * of an estate, so they are for accounts that have the estate; an access point is seen by who has its place.
 *
 * @param places kept to the same scope
 * @param scopeNow throws where nobody asks
 */
export function scopeAccess(
  services: AccessServices,
  places: Pick<PlaceService, 'get'>,
  scopeNow: () => Scope,
): AccessServices {
  const { holders, holderImports, points, areas, schedules, policies, records, passes, invites, forgiveness } =
    services;
  const within = <Q extends object>(query: Q): Q & { within: Scope } => ({ ...query, within: scopeNow() });
  const see = (location: Location): void => {
    if (!isWithin(scopeNow(), location)) throw new DipperError('NOT_FOUND');
  };
  const seen = async <V extends Location>(reading: Promise<V>): Promise<V> => {
    const view = await reading;
    see(view);
    return view;
  };
  /** A call about a thing, once it is seen that the thing lies within. */
  const about =
    (reach: (id: string) => Promise<unknown>) =>
    <A extends readonly unknown[], R>(call: (id: string, ...rest: A) => Promise<R>) =>
    async (id: string, ...rest: A): Promise<R> => {
      await reach(id);
      return call(id, ...rest);
    };
  const ofHolder = about(async (id) => see((await holders.get(id)).holder));
  const ofPoint = about(async (id) => see(await points.get(id)));
  const ofArea = about(async (id) => see(await areas.get(id)));
  const ofSchedule = about(async (id) => see(await schedules.get(id)));
  return {
    holders: {
      list: (query) => holders.list(within(query)),
      get: ofHolder(holders.get),
      async create(asked, by) {
        see({ estate: asked.estate });
        return holders.create(asked, by);
      },
      addVehicle: ofHolder(holders.addVehicle),
      change: ofHolder(holders.change),
      block: ofHolder(holders.block),
      end: ofHolder(holders.end),
      addCredential: ofHolder(holders.addCredential),
      blockCredential: ofHolder(holders.blockCredential),
      endCredential: ofHolder(holders.endCredential),
      addPermit: ofHolder(holders.addPermit),
      endPermit: ofHolder(holders.endPermit),
    },
    holderImports: {
      async run(asked, by) {
        see({ estate: asked.estate });
        return holderImports.run(asked, by);
      },
    },
    points: {
      list: (query) => points.list(within(query)),
      get: (id) => seen(points.get(id)),
      async create(asked, by) {
        await places.get(asked.place);
        return points.create(asked, by);
      },
      change: ofPoint(points.change),
      remove: ofPoint(points.remove),
    },
    areas: {
      list: (query) => areas.list(within(query)),
      get: (id) => seen(areas.get(id)),
      async create(asked, by) {
        see({ estate: asked.estate });
        return areas.create(asked, by);
      },
      change: ofArea(areas.change),
      remove: ofArea(areas.remove),
    },
    schedules: {
      list: (query) => schedules.list(within(query)),
      get: (id) => seen(schedules.get(id)),
      async create(asked, by) {
        see({ estate: asked.estate });
        return schedules.create(asked, by);
      },
      change: ofSchedule(schedules.change),
      remove: ofSchedule(schedules.remove),
    },
    policies: { list: (query) => policies.list(within(query)) },
    records: { list: (query) => records.list(within(query)) },
    passes: {
      list: (query) => passes.list(within(query)),
      get: about(async (id) => see((await passes.get(id)).pass))(passes.get),
      async issue(asked, by) {
        see({ estate: asked.estate });
        return passes.issue(asked, by);
      },
      revoke: about(async (id) => see((await passes.get(id)).pass))(passes.revoke),
    },
    invites: { create: ofHolder(invites.create), end: ofHolder(invites.end) },
    forgiveness: {
      ofHolder: ofHolder(forgiveness.ofHolder),
      ofArea: about(async (id) => see(await areas.get(id)))(forgiveness.ofArea),
    },
  };
}
