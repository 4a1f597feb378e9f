import { describe, expect, test } from 'vitest';
import { encodeReply, RtspParser } from '../../../../../services/simulator/rtsp/rtsp-message.ts';

const describeRequest = 'DESCRIBE rtsp://h/cam/main RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\nabc';

describe('RtspParser', () => {
  test('finds requests and frames however the bytes are cut', () => {
    const bytes = Buffer.concat([
      Buffer.from([0x24, 1, 0, 2, 9, 9]),
      Buffer.from(describeRequest),
      Buffer.from([0x24, 0, 0, 0]),
    ]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parser = new RtspParser();
      const inputs = [...parser.push(bytes.subarray(0, cut)), ...parser.push(bytes.subarray(cut))];
      expect(inputs.map(({ kind }) => kind)).toEqual(['frame', 'request', 'frame']);
      expect(inputs[1]).toMatchObject({ request: { method: 'DESCRIBE', body: 'abc', headers: { cseq: '2' } } });
    }
  });

  test.each([
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    'OPTIONS * RTSP/1.0\r\n\r\n',
    'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: -5\r\n\r\n',
    'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 9999999\r\n\r\n',
    'OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n',
    `${'x'.repeat(20_000)}`,
  ])('takes %j for malformed', (text) => {
    expect(new RtspParser().push(Buffer.from(text)).map(({ kind }) => kind)).toEqual(['malformed']);
  });

  test('a reply never repeats a sequence number that is not one', () => {
    expect(encodeReply('7\r\nX: y', { status: 400 })).toBe('RTSP/1.0 400 Bad Request\r\n\r\n');
  });
});
