import { PassThrough } from 'node:stream';
import { maskSecrets } from '@dipper/ffmpeg/mask-secrets';
import { collectStderrTail } from '@dipper/ffmpeg/stderr-tail';
import { expect, test } from 'vitest';

test('addresses keep their host and lose their credentials', () => {
  expect(maskSecrets("Impossible to open 'rtsp://u:p%40x@10.0.0.1:554/a?b=c@d'")).toBe(
    "Impossible to open 'rtsp://***@d'",
  );
  expect(maskSecrets('rtsp://u:p@h@10.0.0.1/a rtsp://10.0.0.2/b')).toBe('rtsp://***@10.0.0.1/a rtsp://10.0.0.2/b');
});

test('a password is masked as it is and encoded; an empty one masks nothing', () => {
  expect(maskSecrets("raw p'%/ enc p'%25%2F full p%27%25%2F", ["p'%/", ''])).toBe('raw *** enc *** full ***');
});

test('a tail holds the last lines only and never the end of a cut password', async () => {
  const stderr = new PassThrough();
  const tail = collectStderrTail(stderr, []);
  // Cut so that the tail begins within the credentials of the first line.
  stderr.write(`rtsp://user:secretsecret@camera/\n${'x'.repeat(8 * 1024 - 20)}\nlast`);
  stderr.end();
  await new Promise((resolve) => stderr.once('end', resolve));
  expect(tail.text()).not.toMatch(/secret/);
  expect(tail.text()).toMatch(/\nlast$/);
});
