import { theme as antd } from 'antd'
import type { ThemeConfig } from 'antd'

export type Mode = 'light' | 'dark'

interface Palette {
  readonly canvas: string
  readonly surface: string
  readonly sunken: string
  readonly hover: string
  readonly selected: string
  readonly line: string
  readonly lineStrong: string
  readonly ink: readonly [string, string, string, string]
  readonly accent: string
  /** Of what is pointed at; the shade antd derives is too pale to read. */
  readonly accentHover: string
  readonly onAccent: string
  readonly ok: string
  readonly warn: string
  readonly bad: string
  readonly badHover: string
}

/** antd derives shades by computing with colours, so it needs the values themselves; they equal tokens.css. */
const palettes: Readonly<Record<Mode, Palette>> = {
  light: {
    canvas: '#f6f7f9',
    surface: '#ffffff',
    sunken: '#f1f3f6',
    hover: '#f4f6f9',
    selected: '#edf2fe',
    line: '#e6e9ee',
    lineStrong: '#cdd3dc',
    ink: ['#151a23', '#465063', '#626d80', '#98a1b0'],
    accent: '#2b55d9',
    accentHover: '#2147c0',
    onAccent: '#ffffff',
    ok: '#18794e',
    warn: '#97570a',
    bad: '#c22f22',
    badHover: '#a8271c',
  },
  dark: {
    canvas: '#0d1015',
    surface: '#14181f',
    sunken: '#0f1319',
    hover: '#1a1f28',
    selected: '#1a2440',
    line: '#242a34',
    lineStrong: '#3a4352',
    ink: ['#e9ecf1', '#b3bcc9', '#8e99aa', '#5f6a7b'],
    accent: '#86a2ff',
    accentHover: '#9db4ff',
    onAccent: '#0d1015',
    ok: '#4fc08d',
    warn: '#e3a84a',
    bad: '#ff8577',
    badHover: '#ff9d92',
  },
}

/** The antd theme of one mode, with or without motion. Text colours are set on top of the algorithm because the derived ones are too pale to read. */
export const antdTheme = (mode: Mode, motion: boolean): ThemeConfig => {
  const p = palettes[mode]
  return {
    cssVar: {},
    hashed: false,
    algorithm: mode === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      motion,
      colorPrimary: p.accent,
      colorPrimaryHover: p.accentHover,
      colorLinkHover: p.accentHover,
      colorErrorHover: p.badHover,
      colorInfo: p.accent,
      colorLink: p.accent,
      colorSuccess: p.ok,
      colorWarning: p.warn,
      colorError: p.bad,
      colorText: p.ink[0],
      colorTextSecondary: p.ink[1],
      colorTextTertiary: p.ink[2],
      colorTextQuaternary: p.ink[3],
      colorTextPlaceholder: p.ink[2],
      colorTextDescription: p.ink[2],
      colorTextDisabled: p.ink[2],
      colorBgLayout: p.canvas,
      colorBgContainer: p.surface,
      colorBgElevated: p.surface,
      colorBgContainerDisabled: p.sunken,
      colorBorder: p.lineStrong,
      colorBorderSecondary: p.line,
      colorSplit: p.line,
      colorTextLightSolid: p.onAccent,
      colorFillTertiary: p.sunken,
      controlItemBgHover: p.hover,
      controlItemBgActive: p.selected,
      fontFamily: 'var(--font)',
      fontFamilyCode: 'var(--mono)',
      fontSize: 13,
      fontSizeSM: 12,
      lineHeight: 20 / 13,
      controlHeight: 32,
      controlHeightSM: 24,
      borderRadius: 6,
      borderRadiusLG: 8,
      borderRadiusSM: 5,
      borderRadiusXS: 4,
      motionDurationMid: '.12s',
      motionDurationSlow: '.16s',
      motionDurationFast: '.08s',
      wireframe: false,
      boxShadow: 'var(--pop)',
      boxShadowSecondary: 'var(--pop)',
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 500 },
      Modal: { titleFontSize: 14 },
      Tooltip: { colorBgSpotlight: mode === 'dark' ? '#2a313d' : '#151a23', colorTextLightSolid: '#ffffff' },
    },
  }
}
