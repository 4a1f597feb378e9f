/** So many pictures in a row: three seconds of a usual sub-stream. */
const PICTURES = 45;
/** No camera films a thousand pictures a second. */
const LEAST_MS_EACH = 1;

/**
 * Notices that a stream's own time has stopped. When a camera's RTP times go back, ffmpeg's muxer gives each further picture
 * the time of the one before and one tick more, until the old time is reached again: nothing that goes by these times, a
 * decoder's choice of pictures for one, sees the stream move.
 */
export class MediaProgress {
  #sinceMs: number | undefined;
  #pictures = 0;

  /**
   * Takes the next picture.
   * @param mediaMs its place on the stream's own time line
   * @returns whether time has stood still for some seconds
   */
  stands(mediaMs: number): boolean {
    this.#sinceMs ??= mediaMs;
    this.#pictures += 1;
    if (this.#pictures <= PICTURES) return false;
    const isStill = mediaMs - this.#sinceMs < PICTURES * LEAST_MS_EACH;
    this.#sinceMs = mediaMs;
    this.#pictures = 1;
    return isStill;
  }
}
