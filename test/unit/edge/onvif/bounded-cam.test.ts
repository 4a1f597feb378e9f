import { createRequire } from 'node:module';
import { Cam } from 'onvif';
import { expect, test } from 'vitest';

const require = createRequire(import.meta.url);

test('the seams of the onvif package that we replace are still there', () => {
  const seams = ['_request', '_requestPart2', '_envelopeHeader', '_envelopeFooter', '_parseUrl', 'digestAuth'];
  const prototype: Record<string, unknown> = Cam.prototype as unknown as Record<string, unknown>;
  for (const seam of seams) expect(prototype[seam], seam).toBeTypeOf('function');
  expect(require('onvif/lib/utils').parseSOAPString).toBeTypeOf('function');
  expect(require('onvif/package.json').version).toBe('0.8.3');
});
