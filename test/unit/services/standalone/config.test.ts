import { readStandaloneConfig } from '@dipper/standalone/config';
import { expect, it } from 'vitest';

it('names the setting that an unknown one is most like, or all there are', () => {
  const read = (name: string) => () => readStandaloneConfig({ [name]: 'x' }, '/');
  expect(read('DIPPER_PROT')).toThrow("DIPPER_PROT is not a setting; did you mean 'DIPPER_PORT'?");
  expect(read('DIPPER_COLOUR_OF_THE_DOOR')).toThrow('DIPPER_COLOUR_OF_THE_DOOR is not a setting; known: DIPPER_DATA, ');
});
