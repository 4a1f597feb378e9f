import type { Whom } from '../access-messages.ts';
import type { AccessMemory, MemoryChange } from './access-memory.ts';

/**
 * The reset of anti-passback by hand: where they are is not known any more, so they may pass as somebody whom nobody has seen
 * yet, and count nowhere. A grant that is under way stays one.
 */
export function forgiving(memory: AccessMemory, whom: Whom): MemoryChange[] {
  const holders = 'holder' in whom ? [whom.holder] : [...(memory.occupants.get(whom.area) ?? [])];
  return holders
    .filter((holder) => memory.whereabouts.has(holder))
    .map((holder) => ({ kind: 'moved', holder, to: undefined }));
}
