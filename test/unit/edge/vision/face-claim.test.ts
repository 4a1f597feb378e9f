import { createFaceClaim } from '@dipper/edge/vision/face-claim';
import { expect, test } from 'vitest';

const unit = (...values: number[]) => Float32Array.from(values, (value) => value / Math.hypot(...values));
const ZHAO = unit(1, 0.1, 0);
const QIAN = unit(0.1, 1, 0);
const ENROLLED = [
  { holder: 'zhao', templates: [unit(1, 0, 0)] },
  { holder: 'qian', templates: [unit(0, 1, 0)] },
];
const points = Array.from({ length: 68 }, (_, index) => ({ xPx: (index * 37) % 100, yPx: (index * 53) % 110 }));
const box = { leftPx: 0, topPx: 0, widthPx: 100, heightPx: 110 };
const sight = (template: Float32Array) => ({
  ...{ atMs: 0, box, landmarks: points, liveScore: 1, sheetEdges: 0, template },
});

test('one frame names nobody; three that agree do', () => {
  const claim = createFaceClaim();
  expect(claim.observe(sight(ZHAO), ENROLLED).holder).toBeUndefined();
  expect(claim.observe(sight(ZHAO), ENROLLED).holder).toBeUndefined();
  expect(claim.observe(sight(ZHAO), ENROLLED)).toMatchObject({ holder: 'zhao' });
});

test('frames that name two people name nobody', () => {
  const claim = createFaceClaim();
  // Between the two, a little nearer to one and then to the other.
  const between = [unit(1, 0.95, 0), unit(0.95, 1, 0), unit(1, 0.95, 0), unit(1, 0.95, 0), unit(1, 0.95, 0)];
  for (const template of between) expect(claim.observe(sight(template), ENROLLED).holder).toBeUndefined();
});

test('a stranger is nobody, and so is everybody where nobody is enrolled', () => {
  const claim = createFaceClaim();
  for (let frame = 0; frame < 6; frame += 1) {
    expect(claim.observe(sight(unit(0, 0, 1)), ENROLLED).holder).toBeUndefined();
    expect(claim.observe(sight(unit(0, 0, 1)), []).holder).toBeUndefined();
  }
});

test('who takes the place of another begins anew', () => {
  const claim = createFaceClaim();
  for (let frame = 0; frame < 4; frame += 1) claim.observe(sight(ZHAO), ENROLLED);
  expect(claim.observe(sight(QIAN), ENROLLED).holder).toBeUndefined();
  expect(claim.observe(sight(QIAN), ENROLLED).presentation.verdict).toBe('undecided');
  expect(claim.observe(sight(QIAN), ENROLLED)).toMatchObject({ holder: 'qian' });
});
