/** Draws the pictures of an MPEG-1 stream, each as soon as it is given. */
export interface PictureDecoder {
  /** @param packets of one picture @returns whether it was drawn */
  draw(packets: Uint8Array): boolean;
}

export type OpenDecoder = () => Promise<PictureDecoder>;

/** What waits for the decoder: a picture of MPEG-1 is far smaller, also where nothing in it is as before. */
const BUFFER_BYTES = 2 * 1024 * 1024;
/** Before a picture stand at most the heads of a sequence and a group, ISO/IEC 11172-2 §2.4.2. */
const MAX_START_CODES = 8;

/**
 * JSMpeg, piece by piece: its player paces by its own clock and opens its own socket, where live view draws what has come. It
 * decodes in plain JavaScript, as the page's security policy allows no WebAssembly. Loaded when a camera needs it.
 */
export async function openJsmpeg(canvas: HTMLCanvasElement): Promise<PictureDecoder> {
  const { default: JSMpeg } = await import('@cycjimmy/jsmpeg-player');
  let isDrawn = false;
  const decoder = new JSMpeg.Decoder.MPEG1Video({
    streaming: true,
    videoBufferSize: BUFFER_BYTES,
    decodeFirstFrame: false,
    onVideoDecode: () => {
      isDrawn = true;
    },
  });
  decoder.connect(new JSMpeg.Renderer.Canvas2D({ canvas }));
  const demuxer = new JSMpeg.Demuxer.TS();
  demuxer.connect(JSMpeg.Demuxer.TS.STREAM.VIDEO_1, decoder);
  return {
    draw(packets) {
      isDrawn = false;
      demuxer.write(packets);
      for (let code = 0; code < MAX_START_CODES && !isDrawn; code++) decoder.decode();
      return isDrawn;
    },
  };
}
