import type { InferenceQuestion, InferenceReply } from './inference-messages.ts';
import { VisionError } from './vision-error.ts';

export interface InferenceJob {
  readonly request: InferenceQuestion;
  resolve(reply: InferenceReply): void;
  reject(error: VisionError): void;
}

/** Landmarks follow detections that were let in, so few wait; beyond this somebody asks without waiting for answers. */
const MAX_WAITING = 64;

/**
 * What waits for the inference thread. A stream has one place for a whole frame: a newer one takes it, since a late finding
 * about an old frame is worth less than one about the present. Streams take turns in the order of asking.
 */
export class InferenceQueue {
  readonly #waiting: { job: InferenceJob; stream: object }[] = [];
  #droppedCount = 0;

  /** How many jobs gave way to newer ones. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** @param stream whatever identifies the stream asking */
  add(job: InferenceJob, stream: object): void {
    const older = this.#waiting.find((entry) => entry.stream === stream && isWholeFrame(entry.job));
    if (isWholeFrame(job) && older !== undefined) {
      this.#drop(older.job);
      older.job = job;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      const oldest = this.#waiting.shift();
      if (oldest !== undefined) this.#drop(oldest.job);
    }
    this.#waiting.push({ job, stream });
  }

  take(): InferenceJob | undefined {
    return this.#waiting.shift()?.job;
  }

  rejectAll(error: VisionError): void {
    for (const { job } of this.#waiting.splice(0)) job.reject(error);
  }

  #drop(job: InferenceJob): void {
    this.#droppedCount += 1;
    job.reject(new VisionError('FRAME_SUPERSEDED', 'A frame was left out.'));
  }
}

function isWholeFrame({ request }: InferenceJob): boolean {
  return request.kind === 'detect' || request.kind === 'plates';
}
