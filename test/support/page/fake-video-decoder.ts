/** What a browser's decoder gets of one picture. */
export class FakeEncodedVideoChunk {
  readonly type: string;
  readonly timestamp: number;
  readonly text: string;

  constructor({ type, timestamp, data }: { type: string; timestamp: number; data: Uint8Array }) {
    this.type = type;
    this.timestamp = timestamp;
    this.text = new TextDecoder().decode(data);
  }
}

export interface FakePicture {
  readonly timestamp: number;
  readonly text: string;
  isClosed: boolean;
  close(): void;
}

interface Callbacks {
  readonly output: (picture: FakePicture) => void;
  readonly error: (cause: unknown) => void;
}

/** A decoder (WebCodecs) whose work is done when a test says so. */
export class FakeVideoDecoder {
  /** All there ever were. */
  static all: FakeVideoDecoder[] = [];
  state = 'unconfigured';
  config: Readonly<Record<string, unknown>> | undefined;
  decodeQueueSize = 0;
  /** Taken, and not yet come out. */
  readonly inside: FakeEncodedVideoChunk[] = [];
  readonly pictures: FakePicture[] = [];
  readonly #callbacks: Callbacks;

  constructor(callbacks: Callbacks) {
    this.#callbacks = callbacks;
    FakeVideoDecoder.all.push(this);
  }

  configure(config: Readonly<Record<string, unknown>>): void {
    this.config = config;
    this.state = 'configured';
  }

  decode(chunk: FakeEncodedVideoChunk): void {
    if (this.state !== 'configured') throw new DOMException('not configured', 'InvalidStateError');
    if (this.pictures.length === 0 && this.inside.length === 0 && chunk.type !== 'key') {
      throw new DOMException('a key frame comes first', 'DataError');
    }
    this.inside.push(chunk);
    this.decodeQueueSize++;
  }

  close(): void {
    this.state = 'closed';
    this.decodeQueueSize = 0;
    this.inside.length = 0;
  }

  /** Decodes what waits, all but the last `held`. */
  work({ held = 0 } = {}): void {
    this.decodeQueueSize = 0;
    while (this.inside.length > held) this.#output();
  }

  /** Decodes one picture while the others wait. */
  step(): void {
    this.decodeQueueSize--;
    this.#output();
  }

  #output(): void {
    const chunk = this.inside.shift();
    if (chunk === undefined) return;
    const picture: FakePicture = {
      ...{ timestamp: chunk.timestamp, text: chunk.text, isClosed: false },
      close() {
        picture.isClosed = true;
      },
    };
    this.pictures.push(picture);
    this.#callbacks.output(picture);
  }

  fail(): void {
    this.state = 'closed';
    this.#callbacks.error(new DOMException('not decodable', 'EncodingError'));
  }
}
