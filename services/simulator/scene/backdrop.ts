import sharp, { type Sharp } from 'sharp';
import { type PicturePlanes, planesFromRgb } from './picture-planes.ts';
import { createRandom } from './random.ts';

/** The main stream's picture; the sub-stream is scaled from it. */
export const SCENE_WIDTH_PX = 1280;
export const SCENE_HEIGHT_PX = 720;

/**
 * Height of the camera's eye line. The camera hangs at the height of a face (as an intercom camera does), so by
 * perspective a walker's face stays on this line at any distance.
 */
export const EYE_LINE_PX = 306;

/** The estate entrance at dusk, drawn: blocks of flats, wall, gate pillars, guard hut, barrier, tree and paved path. */
export async function renderBackdrop(): Promise<PicturePlanes> {
  const { data } = await rasterise(backdropSvg()).blur(0.7).raw().toBuffer({ resolveWithObject: true });
  return planesFromRgb(data, SCENE_WIDTH_PX, SCENE_HEIGHT_PX);
}

/** What a camera sees behind a hand or a sprayed lens: next to no light and nothing sharp. */
export async function renderCoveredBackdrop(): Promise<PicturePlanes> {
  const { data } = await rasterise(backdropSvg()).blur(60).linear(0.16, 4).raw().toBuffer({ resolveWithObject: true });
  return planesFromRgb(data, SCENE_WIDTH_PX, SCENE_HEIGHT_PX);
}

/** The same street from a camera turned aside by a quarter of its picture: what lies beyond the edge mirrors what was there. */
export async function renderTurnedBackdrop(): Promise<PicturePlanes> {
  const left = SCENE_WIDTH_PX / 4;
  const { data } = await sharp(await rasterise(backdropSvg()).blur(0.7).png().toBuffer())
    .extract({ left, top: 0, width: SCENE_WIDTH_PX - left, height: SCENE_HEIGHT_PX })
    .extend({ right: left, extendWith: 'mirror' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return planesFromRgb(data, SCENE_WIDTH_PX, SCENE_HEIGHT_PX);
}

function rasterise(svg: string): Sharp {
  return sharp(Buffer.from(svg)).resize(SCENE_WIDTH_PX, SCENE_HEIGHT_PX).removeAlpha().toColourspace('srgb');
}

function backdropSvg(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SCENE_WIDTH_PX}" height="${SCENE_HEIGHT_PX}">
  <defs>${DEFINITIONS}</defs>
  <rect width="1280" height="340" fill="url(#sky)"/>
  ${blockOfFlats({ x: 96, y: 62, columns: 9, rows: 11, seed: 3, fill: '#4b5160' })}
  ${blockOfFlats({ x: 372, y: 128, columns: 6, rows: 8, seed: 5, fill: '#5a5d68' })}
  ${blockOfFlats({ x: 770, y: 36, columns: 8, rows: 12, seed: 9, fill: '#474d5b' })}
  ${blockOfFlats({ x: 1060, y: 104, columns: 8, rows: 9, seed: 14, fill: '#555966' })}
  ${hedge()}
  <rect y="332" width="1280" height="388" fill="url(#ground)"/>
  ${road()}
  ${wall()}
  ${guardHut()}
  ${tree()}
  ${barrier()}
  ${lamps()}
  <rect width="1280" height="720" filter="url(#grain)" opacity="0.16"/>
  <rect width="1280" height="720" fill="url(#vignette)"/>
</svg>`;
}

const DEFINITIONS = `
  <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="#5f7796"/><stop offset="0.6" stop-color="#a7a9b0"/><stop offset="1" stop-color="#d8b999"/>
  </linearGradient>
  <linearGradient id="ground" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="#565a52"/><stop offset="1" stop-color="#3b4038"/>
  </linearGradient>
  <linearGradient id="asphalt" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="#6d6f73"/><stop offset="1" stop-color="#414448"/>
  </linearGradient>
  <linearGradient id="paving" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="#9a938a"/><stop offset="1" stop-color="#6f6962"/>
  </linearGradient>
  <linearGradient id="brick" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="#a08c78"/><stop offset="1" stop-color="#6d5f52"/>
  </linearGradient>
  <linearGradient id="pillar" x1="0" y1="0" x2="1" y2="0">
    <stop offset="0" stop-color="#8b7a69"/><stop offset="0.45" stop-color="#b7a48f"/><stop offset="1" stop-color="#66594d"/>
  </linearGradient>
  <radialGradient id="glow"><stop offset="0" stop-color="#ffe2a8" stop-opacity="0.85"/>
    <stop offset="0.25" stop-color="#ffd490" stop-opacity="0.28"/><stop offset="1" stop-color="#ffd490" stop-opacity="0"/></radialGradient>
  <radialGradient id="vignette" cx="0.5" cy="0.48" r="0.75"><stop offset="0.55" stop-color="#000" stop-opacity="0"/>
    <stop offset="1" stop-color="#000" stop-opacity="0.42"/></radialGradient>
  <pattern id="courses" width="36" height="18" patternUnits="userSpaceOnUse">
    <path d="M0 0.5H36M0 9.5H36M8 0V9M26 9V18" stroke="#4f443a" stroke-width="1" opacity="0.5"/></pattern>
  <filter id="grain" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.55" numOctaves="3" seed="7"/>
    <feColorMatrix type="saturate" values="0"/></filter>
  <filter id="leaves" x="-0.2" y="-0.2" width="1.4" height="1.4"><feTurbulence type="fractalNoise" baseFrequency="0.06" numOctaves="3" seed="4"/>
    <feDisplacementMap in="SourceGraphic" scale="34" xChannelSelector="R" yChannelSelector="G"/></filter>
  <filter id="soft"><feGaussianBlur stdDeviation="6"/></filter>`;

interface Block {
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
  readonly seed: number;
  readonly fill: string;
}

function blockOfFlats({ x, y, columns, rows, seed, fill }: Block): string {
  const random = createRandom(seed);
  const windows: string[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const isLit = random() < 0.3;
      const colour = isLit ? (random() < 0.6 ? '#f2cf8d' : '#e9e3cf') : random() < 0.5 ? '#2c3340' : '#3a4352';
      windows.push(
        `<rect x="${x + 10 + column * 24}" y="${y + 12 + row * 23}" width="14" height="13" fill="${colour}"` +
          ` opacity="${isLit ? 0.9 : 0.85}"/>`,
      );
    }
  }
  const widthPx = columns * 24 + 8;
  return (
    `<rect x="${x}" y="${y}" width="${widthPx}" height="300" fill="${fill}"/>` +
    `<rect x="${x - 3}" y="${y - 5}" width="${widthPx + 6}" height="7" fill="#363b46"/>${windows.join('')}`
  );
}

function hedge(): string {
  const random = createRandom(21);
  const bushes = Array.from({ length: 46 }, (_, index) => {
    const green = 58 + Math.round(random() * 34);
    return `<ellipse cx="${index * 29}" cy="${324 + random() * 14}" rx="${26 + random() * 16}" ry="${20 + random() * 16}" fill="rgb(${green - 20},${green},${green - 26})"/>`;
  });
  return `<g filter="url(#leaves)">${bushes.join('')}</g>`;
}

function road(): string {
  const joints = Array.from({ length: 12 }, (_, index) => {
    const depth = 1 / (1 + index * 0.42);
    const y = 330 + depth * 390;
    return `<path d="M${655 - 45 * depth} ${y}L${706 + 374 * depth} ${y}" stroke="#57524c" stroke-width="${0.6 + 2 * depth}" opacity="0.6"/>`;
  });
  return `<path d="M540 332L648 332L560 720L-120 720Z" fill="url(#asphalt)"/>
    <path d="M592 336L597 336L260 720L222 720Z" fill="#d9d6c8" opacity="0.34"/>
    <path d="M655 332L706 332L1080 720L610 720Z" fill="url(#paving)"/>${joints.join('')}
    <path d="M668 332L672 332L780 720L768 720ZM684 332L688 332L925 720L913 720Z" fill="#57524c" opacity="0.45"/>
    <path d="M648 332L655 332L610 720L560 720Z" fill="#b9b3a6"/>`;
}

function wall(): string {
  return `<path d="M0 214L448 268L448 392L0 500Z" fill="url(#brick)"/><path d="M0 214L448 268L448 392L0 500Z" fill="url(#courses)"/>
    <path d="M0 202L452 260L452 270L0 218Z" fill="#5d5348"/>
    <path d="M1280 214L842 268L842 392L1280 500Z" fill="url(#brick)"/><path d="M1280 214L842 268L842 392L1280 500Z" fill="url(#courses)"/>
    <path d="M1280 202L838 260L838 270L1280 218Z" fill="#5d5348"/>
    <rect x="440" y="216" width="52" height="192" fill="url(#pillar)"/><rect x="434" y="206" width="64" height="14" fill="#4f463d"/>
    <rect x="792" y="216" width="52" height="192" fill="url(#pillar)"/><rect x="786" y="206" width="64" height="14" fill="#4f463d"/>
    <path d="M0 500L448 392L448 402L0 522ZM1280 500L842 392L842 402L1280 522Z" fill="#000" opacity="0.28"/>`;
}

function guardHut(): string {
  return `<rect x="930" y="196" width="232" height="304" fill="#8f959b"/><rect x="1118" y="196" width="44" height="304" fill="#6a7076"/>
    <rect x="914" y="178" width="264" height="22" fill="#30475f"/><rect x="950" y="252" width="150" height="106" fill="#ffe6b0"/>
    <rect x="950" y="252" width="150" height="106" fill="#2d3a44" opacity="0.34"/>
    <path d="M1024 252V358M950 304H1100" stroke="#4a5157" stroke-width="5"/>
    <rect x="946" y="358" width="158" height="10" fill="#5d6469"/><rect x="930" y="430" width="188" height="70" fill="#30475f"/>
    <rect x="962" y="262" width="58" height="30" fill="#d9c9a0" opacity="0.5"/><rect x="1038" y="318" width="50" height="40" fill="#4a5157" opacity="0.6"/>`;
}

function tree(): string {
  const random = createRandom(33);
  const crowns = Array.from({ length: 38 }, () => {
    const angle = random() * Math.PI * 2;
    const reach = Math.sqrt(random()) * 128;
    const green = 56 + Math.round(random() * 44);
    return `<ellipse cx="${150 + Math.cos(angle) * reach * 1.25}" cy="${128 + Math.sin(angle) * reach * 0.85}" rx="${30 + random() * 22}" ry="${24 + random() * 16}" fill="rgb(${green - 22},${green},${green - 30})"/>`;
  });
  return `<path d="M136 560Q148 380 140 200L166 200Q162 380 178 560Z" fill="#4a3b2e"/><g filter="url(#leaves)">${crowns.join('')}</g>
    <ellipse cx="158" cy="566" rx="92" ry="16" fill="#000" opacity="0.32" filter="url(#soft)"/>`;
}

/** The barrier's arm across the vehicle lane; people pass on the paved path beside it. */
function barrier(): string {
  const stripes = Array.from(
    { length: 10 },
    (_, index) =>
      `<path d="M${182 + index * 40} ${471 - index * 2.2}l20 -1.1l0 15l-20 1.1Z" fill="${index % 2 === 0 ? '#c8322b' : '#e8e4da'}"/>` +
      `<path d="M${202 + index * 40} ${469.9 - index * 2.2}l20 -1.1l0 15l-20 1.1Z" fill="${index % 2 === 0 ? '#e8e4da' : '#c8322b'}"/>`,
  );
  return `<path d="M180 600L580 552L580 560L190 612Z" fill="#000" opacity="0.25" filter="url(#soft)"/>
    <rect x="562" y="424" width="46" height="136" rx="4" fill="#d8a32a"/><rect x="594" y="424" width="14" height="136" fill="#a97c1a"/>
    <rect x="568" y="438" width="24" height="12" fill="#3a3a36"/><circle cx="585" cy="414" r="9" fill="#e0582f"/>${stripes.join('')}`;
}

function lamps(): string {
  const lamp = (x: number) =>
    `<circle cx="${x}" cy="186" r="150" fill="url(#glow)"/><circle cx="${x}" cy="186" r="15" fill="#fff1cf"/>
     <rect x="${x - 3}" y="198" width="6" height="10" fill="#3a342e"/>`;
  return `${lamp(466)}${lamp(818)}`;
}
