/** The parts of JSMpeg that are used; the package brings no types. */
declare module '@cycjimmy/jsmpeg-player' {
  interface Renderer {
    resize(widthPx: number, heightPx: number): void;
    render(y: Uint8ClampedArray, cr: Uint8ClampedArray, cb: Uint8ClampedArray, isClamped: boolean): void;
  }
  interface Decoder {
    connect(renderer: Renderer): void;
    write(timeSec: number, pieces: Uint8Array[]): void;
    /** Goes on to the next start code, and decodes a picture if it is that. */
    decode(): boolean;
  }
  interface Demuxer {
    connect(streamId: number, decoder: Decoder): void;
    write(packets: Uint8Array): void;
  }
  interface DecoderOptions {
    readonly streaming: boolean;
    readonly videoBufferSize: number;
    readonly decodeFirstFrame: boolean;
    readonly onVideoDecode: () => void;
  }
  const JSMpeg: {
    readonly Demuxer: { readonly TS: { new (): Demuxer; readonly STREAM: { readonly VIDEO_1: number } } };
    readonly Decoder: { readonly MPEG1Video: new (options: DecoderOptions) => Decoder };
    readonly Renderer: { readonly Canvas2D: new (options: { readonly canvas: HTMLCanvasElement }) => Renderer };
  };
  export = JSMpeg;
}
