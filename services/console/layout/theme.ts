import { theme as antd, type ThemeConfig } from 'antd';

export type Appearance = 'dark' | 'light';

const FONT =
  'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** The same colours as `theme.css`, for what Ant Design draws. */
const COLOURS = {
  dark: {
    colorPrimary: '#3d8bd4',
    colorInfo: '#3d8bd4',
    colorBgBase: '#0e1419',
    colorBgContainer: '#161e26',
    colorBgElevated: '#1d2731',
    colorBorder: '#37444f',
    colorBorderSecondary: '#26313b',
    colorTextBase: '#e4e9ee',
    colorTextDescription: '#9fb0bf',
    colorLink: '#6db3f2',
  },
  light: {
    colorPrimary: '#1665a8',
    colorInfo: '#1665a8',
    colorBgBase: '#ffffff',
    colorBgContainer: '#ffffff',
    colorBgElevated: '#ffffff',
    colorBorder: '#c3ced8',
    colorBorderSecondary: '#dde4ea',
    colorTextBase: '#16202a',
    colorTextDescription: '#526373',
    colorLink: '#1665a8',
  },
} as const;

/** @param isStill whether the reader asked for less motion */
export function themeConfig(appearance: Appearance, isStill: boolean): ThemeConfig {
  return {
    algorithm: appearance === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      ...COLOURS[appearance],
      fontFamily: FONT,
      borderRadius: 8,
      motion: !isStill,
      // A phone is worked with outside and with gloves: nothing to press is smaller than 40 px.
      controlHeight: 40,
      controlHeightLG: 48,
      controlHeightSM: 32,
    },
    components: { Form: { labelHeight: 28, verticalLabelPadding: '0 0 4px' } },
  };
}
