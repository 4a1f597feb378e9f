import { Type } from 'typebox';

/**
 * What the cameras see. `people`: now and then somebody walks up, looks at the camera and leaves. `empty`: the same street
 * alive (tree, lamp, daylight) but without people. `still`: nothing but sensor noise. `vehicles` and `vehicles-at-night`: the lane of a
 * vehicle gate; two cars drive up and through, a third one is parked beside it.
 */
export const SCENE_NAMES = ['people', 'empty', 'still', 'vehicles', 'vehicles-at-night'] as const;
export const SceneName = Type.Enum(SCENE_NAMES);
export type SceneName = Type.Static<typeof SceneName>;

/**
 * What is rendered: the scenes, and three faults that need pictures of their own. `covered`: lens covered, clock running.
 * `frozen-clock`: the street frozen while the burnt-in counter goes on. `turned`: the camera looks elsewhere.
 */
export type ClipName = SceneName | 'covered' | 'frozen-clock' | 'turned';
