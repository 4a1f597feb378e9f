import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { type ExportView, MAX_EXPORT_MS, type NewExport, type SignedManifest } from '@dipper/contract/api/recording';
import { DipperError, isDipperError } from '@dipper/contract/errors';
import { ExportEnd, ExportHeader } from '@dipper/contract/uplink';
import { createValidator } from '@dipper/contract/validation';
import { Type } from 'typebox';
import type { WebSocket } from 'ws';
import type { Principal } from '../../plugins/principal.ts';
import { knownCode } from '../../recordings/playback-relay.ts';
import type { RecordedCamera } from '../../recordings/recordings.ts';
import { firstFrame, type UplinkFrame, uplinkFrames } from '../../recordings/uplink-frames.ts';
import type { SigningKeySource } from '../../signing-key.ts';
import type { UplinkOpener } from '../../uplink/uplink-opener.ts';
import { createExportRepository, type ExportDb, exportFromRow } from './export.repository.ts';
import type { ExportRow } from './export.tables.ts';
import { signedManifestFrom, signManifest } from './export-manifest.ts';
import { createExportWriter } from './export-writer.ts';

type Asker = Pick<Principal, 'accountId' | 'name'>;

/** A file on its way from an edge. Its bytes pass through memory, a picture at a time, and are kept nowhere. */
export interface ExportedFile {
  readonly name: string;
  /** Whoever does not read it to its end destroys it: that closes the uplink. */
  readonly body: Readable;
}

export interface ExportService {
  /** @throws DipperError REQUEST_INVALID, EXPORT_TOO_LONG */
  ask(camera: RecordedCamera, asked: NewExport, asker: Asker): Promise<ExportView>;
  /** @throws DipperError NOT_FOUND */
  get(id: string): Promise<ExportView>;
  /**
   * Has the edge send the file. `record` is called, and waited for, before a byte is handed out.
   * @throws DipperError NOT_FOUND, EXPORT_ENDED, EXPORT_IN_PROGRESS, RECORDING_MISSING, RECORDING_OFF, RECORDING_DAMAGED,
   *   RECORDINGS_UNAVAILABLE, PLAYBACK_LIMIT_REACHED, AGENT_OFFLINE, COMMAND_TIMEOUT
   */
  fetch(id: string, asker: Asker, record: () => Promise<void>, signal: AbortSignal): Promise<ExportedFile>;
  /** @throws DipperError NOT_FOUND, EXPORT_NOT_FINISHED */
  manifest(id: string): Promise<SignedManifest>;
}

export interface ExportServiceOptions {
  readonly db: ExportDb;
  readonly openUplink: UplinkOpener;
  readonly signer: SigningKeySource;
  readonly now?: () => number;
}

/** From the asking to the fetching of the file. */
const LIFE_MS = 3_600_000;
/** Six hours of a large camera over a slow line; whoever stops reading does not hold the edge's place for ever. */
const MAX_TRANSFER_MS = 4 * 3_600_000;
const NORMAL_CLOSURE = 1000;

const ExportWord = Type.Union([ExportHeader, ExportEnd]);
const Words = createValidator(ExportWord);
type Frame = UplinkFrame<ExportHeader | ExportEnd>;

export function createExportService({ db, openUplink, signer, now = Date.now }: ExportServiceOptions): ExportService {
  const rows = createExportRepository(db);
  const getRow = async (id: string): Promise<ExportRow> => {
    const row = await rows.find(id);
    if (row === undefined) throw new DipperError('NOT_FOUND');
    return row;
  };

  async function claim(id: string, { accountId }: Asker): Promise<ExportRow> {
    const row = await getRow(id);
    if (row.account_id !== accountId) throw new DipperError('NOT_FOUND');
    if (await rows.begin(id, accountId, new Date(now()))) return row;
    throw new DipperError(row.state === 'running' ? 'EXPORT_IN_PROGRESS' : 'EXPORT_ENDED');
  }

  async function open(row: ExportRow, signal: AbortSignal): Promise<[WebSocket, AsyncIterator<Frame>]> {
    const opened = Promise.withResolvers<[WebSocket, AsyncIterator<Frame>]>();
    const range = { device: row.device, from: row.from_at.toISOString(), until: row.until_at.toISOString() };
    await openUplink(
      { estate: row.estate, agent: row.agent },
      (address) => ({ name: 'recording.export', ...range, ...address }),
      (socket) => opened.resolve([socket, uplinkFrames(socket, Words)[Symbol.asyncIterator]()]),
      signal,
    );
    return opened.promise;
  }

  async function finish(row: ExportRow, mime: string, end: ExportEnd, writer: ReturnType<typeof createExportWriter>) {
    const { firstAtMs, ...file } = writer.finish();
    if (firstAtMs === undefined || end.until === null) throw new DipperError('RECORDING_MISSING');
    const finishedAt = new Date(now());
    const manifest = await signManifest(
      {
        ...{ version: 1, export: row.id, device: row.device, estate: row.estate, agent: row.agent, mime, ...file },
        asked: { from: row.from_at.toISOString(), until: row.until_at.toISOString() },
        real: { from: new Date(firstAtMs).toISOString(), until: end.until },
        gaps: end.gaps,
        ...{ requestedBy: row.account_name, requestedAt: row.requested_at.toISOString(), reason: row.reason },
        finishedAt: finishedAt.toISOString(),
      },
      signer,
    );
    await rows.finish(row.id, { bytes: file.bytes, sha256: file.sha256, manifest }, finishedAt);
  }

  /** The bytes of the file; the row says how it went before the last of them is handed out. */
  async function* pass(row: ExportRow, mime: string, socket: WebSocket, frames: AsyncIterator<Frame>) {
    const writer = createExportWriter();
    let isSettled = false;
    try {
      for (;;) {
        const { value: frame, done } = await frames.next();
        if (done === true || frame === undefined)
          throw new DipperError('AGENT_OFFLINE', { message: 'The uplink broke.' });
        if (frame.kind !== 'word') {
          writer.note(frame.kind, frame.atMs, frame.content);
          yield frame.content;
          continue;
        }
        if (frame.word.kind !== 'end') throw new DipperError('MESSAGE_INVALID', { message: 'a second header' });
        if (frame.word.code !== null) throw new DipperError(knownCode(frame.word.code));
        await finish(row, mime, frame.word, writer);
        isSettled = true;
        return;
      }
    } catch (error) {
      isSettled = true;
      await rows.fail(row.id, isDipperError(error) ? error.code : 'INTERNAL', new Date(now()));
      throw error;
    } finally {
      socket.close(NORMAL_CLOSURE);
      socket.resume(); // a paused socket would never see the other side's close
      if (!isSettled) await rows.giveBack(row.id);
    }
  }

  return {
    async ask({ estate, agent, device }, { from, until, reason }, { accountId, name }) {
      const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
      if (!(untilMs > fromMs)) throw new DipperError('REQUEST_INVALID', { message: 'until has to come after from' });
      if (untilMs - fromMs > MAX_EXPORT_MS) throw new DipperError('EXPORT_TOO_LONG');
      const row = await rows.insert({
        ...{ id: randomUUID(), device, estate, agent, reason, account_id: accountId, account_name: name },
        ...{ from_at: new Date(fromMs), until_at: new Date(untilMs) },
        ...{ requested_at: new Date(now()), expires_at: new Date(now() + LIFE_MS) },
      });
      return exportFromRow(row);
    },
    get: async (id) => exportFromRow(await getRow(id)),
    async fetch(id, asker, record, signal) {
      const row = await claim(id, asker);
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(MAX_TRANSFER_MS)]);
      let socket: WebSocket | undefined;
      try {
        const [uplink, frames] = await open(row, bounded);
        socket = uplink;
        const first = await firstFrame(uplink, frames);
        if (first.kind !== 'word') throw new DipperError('AGENT_OFFLINE');
        if (first.word.kind === 'end') throw new DipperError(knownCode(first.word.code ?? 'RECORDING_MISSING'));
        await record();
        bounded.addEventListener('abort', () => uplink.terminate(), { once: true });
        bounded.throwIfAborted();
        const name = `${row.device}-${row.from_at.toISOString().replace(/[:.]/g, '')}`;
        const body = Readable.from(pass(row, first.word.mime, uplink, frames), { objectMode: false });
        // Of a body that nobody began to read nothing else says so; where it ended well or badly, there is nothing to give back.
        body.once('close', () => void rows.giveBack(id).catch(() => undefined));
        return { name, body };
      } catch (error) {
        socket?.close(NORMAL_CLOSURE);
        // What the edge could not do now it may do in a moment; what it has not, it will not have.
        if (isDipperError(error) && error.code === 'RECORDING_MISSING') {
          await rows.fail(id, error.code, new Date(now()));
        } else await rows.giveBack(id);
        throw error;
      }
    },
    async manifest(id) {
      const { manifest } = await getRow(id);
      if (manifest === null) throw new DipperError('EXPORT_NOT_FINISHED');
      return signedManifestFrom(manifest);
    },
  };
}
