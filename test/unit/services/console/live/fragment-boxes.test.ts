import { expect, it } from 'vitest';
import { sampleEntryFor } from '../../../../../edge/video/codec.ts';
import { decoderConfiguration, pictureBytes } from '../../../../../services/console/live/fragment-boxes.ts';
import { renderTestStream } from '../../../../support/test-stream.ts';

it("finds what a decoder is configured with, and a picture's bytes, in what the edge sends", async () => {
  const { init, fragments } = await renderTestStream({ pictures: 3 });
  const { record } = sampleEntryFor(init.format);
  expect(Buffer.from(decoderConfiguration(init.bytes) ?? [])).toEqual(record.content);
  for (const { bytes, payload } of fragments) expect(Buffer.from(pictureBytes(bytes) ?? [])).toEqual(payload);
});

it('finds nothing where there is nothing, and does not read beyond the end', async () => {
  const { init, fragments } = await renderTestStream({ pictures: 1 });
  for (let end = 0; end < init.bytes.length; end++) {
    expect(decoderConfiguration(init.bytes.subarray(0, end))).toBeUndefined();
  }
  const fragment = fragments[0]?.bytes ?? Buffer.alloc(0);
  expect(pictureBytes(fragment.subarray(0, -1))).toBeUndefined();
  const large = Buffer.from('00000001' + '6d646174' + '0000000000000012' + 'abcd', 'hex');
  expect(pictureBytes(large)).toEqual(Buffer.from('abcd', 'hex'));
  for (const size of ['00000000', '00000007', '00000001', 'ffffffff']) {
    expect(pictureBytes(Buffer.from(`${size}6d646174abcd`, 'hex'))).toBeUndefined();
  }
});
