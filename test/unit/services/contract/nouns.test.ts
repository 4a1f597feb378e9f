import { readdirSync } from 'node:fs';
import { ERROR_CODES } from '@dipper/contract/errors';
import { EVENTS } from '@dipper/contract/events';
import { expect, test } from 'vitest';

const CONTRACT = new URL('../../../../services/contract/', import.meta.url);

/** Names that the files of a folder define under a constant that ends so. */
async function definedIn(folder: string, ending: string): Promise<string[]> {
  const names: string[] = [];
  for (const file of readdirSync(new URL(folder, CONTRACT))) {
    const exported: Record<string, object> = await import(new URL(`${folder}${file}`, CONTRACT).href);
    for (const [constant, value] of Object.entries(exported)) {
      if (constant.endsWith(ending)) names.push(...Object.keys(value));
    }
  }
  return names.toSorted();
}

test('each error code and each event type stands in the file of one noun, and all of them are told', async () => {
  expect(await definedIn('errors/', '_ERRORS')).toEqual(Object.keys(ERROR_CODES).toSorted());
  expect(await definedIn('events/', '_EVENTS')).toEqual(Object.keys(EVENTS).toSorted());
});
