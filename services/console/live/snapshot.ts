import { SITE_OFFSET_MS } from '../time/zone.ts';

/** A still keeps what a face is recognised by, at a third of a lossless file. */
const QUALITY = 0.95;

/** `东门人脸相机 2026-11-24 02.13.05.jpg`: no character that a file system refuses, and in order when sorted. */
export function fileNameOf(camera: string, atMs: number, ending: 'jpg' | 'mp4'): string {
  const time = new Date(atMs + SITE_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.');
  return `${camera.replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, '_')} ${time}.${ending}`;
}

/** The picture on screen at its full size. @throws Error where there is none */
export async function pictureOf(source: HTMLVideoElement | HTMLCanvasElement): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const isVideo = source instanceof HTMLVideoElement;
  canvas.width = isVideo ? source.videoWidth : source.width;
  canvas.height = isVideo ? source.videoHeight : source.height;
  canvas.getContext('2d')?.drawImage(source, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
  if (blob === null) throw new Error('no picture on screen');
  return blob;
}

/** Hands a file to the browser's downloads. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The download has its own hold on the file once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
