import { holdRangeMsFrom, ptzLimitsFrom, ptzNodeFrom, scaled } from '@dipper/edge/onvif/ptz-node';
import { hasMoved, ptzStatusFrom } from '@dipper/edge/onvif/ptz-status';
import { soapBodyFrom } from '@dipper/edge/onvif/soap-document';
import { expect, it } from 'vitest';

const body = (xml: string) => soapBodyFrom(`<s:Envelope xmlns:s="x"><s:Body>${xml}</s:Body></s:Envelope>`);
const range = (name: string, min: string, max: string): string =>
  `<${name}><Min>${min}</Min><Max>${max}</Max></${name}>`;

it('the drive is that of the chosen profile, else of the first that has one, in Media1 and Media2', () => {
  const media1 = body(
    '<GetProfilesResponse><Profiles token="fixed"/><Profiles token="a"><PTZConfiguration token="c1"><NodeToken>n1</NodeToken></PTZConfiguration></Profiles><Profiles token="b"><PTZConfiguration token="c2"/></Profiles></GetProfilesResponse>',
  );
  expect(ptzNodeFrom(media1, undefined)).toEqual({ profile: 'a', nodeToken: 'n1', configurationToken: 'c1' });
  expect(ptzNodeFrom(media1, 'b')).toEqual({ profile: 'b', nodeToken: undefined, configurationToken: 'c2' });
  expect(ptzNodeFrom(media1, 'fixed')).toMatchObject({ profile: 'a' });
  const media2 = body(
    '<GetProfilesResponse><Profiles token="a"><Configurations><PTZ token="c"><NodeToken>n</NodeToken></PTZ></Configurations></Profiles></GetProfilesResponse>',
  );
  expect(ptzNodeFrom(media2, undefined)).toMatchObject({ profile: 'a', nodeToken: 'n' });
  expect(() =>
    ptzNodeFrom(body('<GetProfilesResponse><Profiles token="a"/></GetProfilesResponse>'), undefined),
  ).toThrow(expect.objectContaining({ code: 'ONVIF_NOT_SUPPORTED' }));
});

it('speeds are counted as the node counts them; nonsense is the generic space', () => {
  const limits = ptzLimitsFrom(
    body(
      `<GetNodeResponse><PTZNode><SupportedPTZSpaces><ContinuousPanTiltVelocitySpace>${range('XRange', '-100', '80')}${range('YRange', '1', '1')}</ContinuousPanTiltVelocitySpace></SupportedPTZSpaces><MaximumNumberOfPresets>16</MaximumNumberOfPresets></PTZNode></GetNodeResponse>`,
    ),
  );
  const generic = { min: -1, max: 1 };
  expect(limits).toEqual({ pan: { min: -100, max: 80 }, tilt: generic, zoom: undefined, maxPresets: 16 });
  expect([scaled(0.5, { min: -100, max: 80 }), scaled(-0.5, { min: -100, max: 80 }), scaled(0, generic)]).toEqual([
    ...[40, -50, 0],
  ]);
});

it('a time that a camera would let a movement go on is read, and one that allows none is as good as untold', () => {
  const told = (min: string, max: string) =>
    holdRangeMsFrom(
      body(
        `<GetConfigurationOptionsResponse><PTZConfigurationOptions>${range('PTZTimeout', min, max)}</PTZConfigurationOptions></GetConfigurationOptionsResponse>`,
      ),
    );
  expect(told('PT1S', 'PT00H01M00S')).toEqual({ min: 1_000, max: 60_000 });
  expect(told('PT0S', 'PT0S')).toBeUndefined();
  expect(told('soon', 'PT5S')).toBeUndefined();
});

it('whether a camera moves is seen by where it stands, and only else believed', () => {
  const status = (state: string, x?: string) =>
    ptzStatusFrom(
      body(
        `<GetStatusResponse><PTZStatus>${x === undefined ? '' : `<Position><PanTilt x="${x}" y="0"/></Position>`}<MoveStatus><PanTilt>${state}</PanTilt></MoveStatus></PTZStatus></GetStatusResponse>`,
      ),
    );
  expect(hasMoved(status('MOVING', '0.1'), status('MOVING', '0.1'))).toBe(false);
  expect(hasMoved(status('IDLE', '0.1'), status('IDLE', '0.2'))).toBe(true);
  expect(hasMoved(status('IDLE'), status('MOVING'))).toBe(true);
  expect(hasMoved(status('IDLE'), status('IDLE'))).toBe(false);
  expect(hasMoved(status('UNKNOWN'), status('UNKNOWN'))).toBeUndefined();
  expect(hasMoved(status('IDLE', 'NaN'), status('MOVING', 'far'))).toBe(true);
});
