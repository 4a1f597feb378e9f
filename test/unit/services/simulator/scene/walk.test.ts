import { expect, test } from 'vitest';
import {
  FRAMES_PER_GROUP,
  FRAMES_PER_SEC,
  findWalkerPose,
  loopFrames,
} from '../../../../../services/simulator/scene/walk.ts';

const poses = Array.from({ length: loopFrames(3) }, (_, frame) => findWalkerPose(frame, 3));

test('three people walk up in a loop of forty seconds, with nobody between them', () => {
  expect(poses.length).toBe(600);
  expect(poses.length % FRAMES_PER_GROUP).toBe(0);
  expect(new Set(poses.map((pose) => pose?.visit))).toEqual(new Set([undefined, 0, 1, 2]));
  const changes = poses.filter((pose, frame) => pose?.visit !== poses[(frame + 1) % poses.length]?.visit);
  expect(changes.length).toBe(6);
});

test('the first one is near within six seconds', () => {
  expect(poses.slice(0, 6 * FRAMES_PER_SEC).some((pose) => (pose?.scale ?? 0) > 0.95)).toBe(true);
});

test('each stands before the camera for two seconds at least, the face above 12 % of the picture', () => {
  for (const visit of [0, 1, 2]) {
    // A face at scale 1 is 24 % of the picture's height.
    const near = poses.filter((pose) => pose?.visit === visit && pose.scale > 0.5);
    expect(near.length).toBeGreaterThan(2 * FRAMES_PER_SEC);
  }
});
