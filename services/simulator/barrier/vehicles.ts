import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Static, Type } from 'typebox';
import type { Barrier, BarrierInput } from './barrier.ts';

/** Vehicles that come one after the other and drive through as soon as the arm is up. */
export const VehicleOptions = Type.Object(
  {
    /** Where they come from: over the entry loop, or over the exit loop. Default: outside. */
    from: Type.Optional(Type.Enum(['outside', 'inside'])),
    /** More than one: the others do not wait for the arm again. Default: 1. */
    vehicles: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
    /** From one loop to the next. Default: 500. */
    stepMs: Type.Optional(Type.Integer({ minimum: 20, maximum: 60_000 })),
  },
  { additionalProperties: false },
);
export type VehicleOptions = Static<typeof VehicleOptions>;

/**
 * Drives vehicles over a barrier's loops. Each waits before the arm until it is up, and drives under it then.
 * @returns once the last has left
 */
export async function driveVehicles(barrier: Barrier, options: VehicleOptions, signal: AbortSignal): Promise<void> {
  const { from = 'outside', vehicles = 1, stepMs = 500 } = options;
  const [near, far]: readonly [BarrierInput, BarrierInput] =
    from === 'outside' ? ['entry-loop', 'exit-loop'] : ['exit-loop', 'entry-loop'];
  const step = () => delay(stepMs, undefined, { signal });
  for (let count = 0; count < vehicles; count += 1) {
    barrier.setInput(near, true);
    await step();
    while (barrier.state.contact !== 'open') await once(barrier.events, 'contact', { signal });
    barrier.setInput('arm-loop', true);
    await step();
    barrier.setInput(near, false);
    barrier.setInput(far, true);
    await step();
    barrier.setInput('arm-loop', false);
    await step();
    barrier.setInput(far, false);
    if (count < vehicles - 1) await step();
  }
}
