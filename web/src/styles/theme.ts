// Mantine's theme: sizes and defaults. Colours are in tokens.css.
import { createTheme, type MantineColorsTuple } from '@mantine/core'

const accent: MantineColorsTuple = [
  '#eef3ff',
  '#dbe5ff',
  '#b4c8fb',
  '#8aa9f6',
  '#6690f2',
  '#4a7bee',
  '#2f5bd7',
  '#274db8',
  '#1f3f98',
  '#173179',
]

/** Ground and text of an alert, by its colour, from tokens.css: Mantine's own have too little contrast. */
const alertTones: Readonly<Record<string, readonly [ground: string, text: string]>> = {
  red: ['var(--r-bad-soft)', 'var(--r-bad)'],
  orange: ['var(--r-attention)', 'var(--r-attention-text)'],
  green: ['var(--r-in-house)', 'var(--r-in-house-text)'],
}
const [accentGround, accentText] = ['var(--r-today)', 'var(--r-today-text)']

export const theme = createTheme({
  colors: { accent },
  primaryColor: 'accent',
  primaryShade: 6,
  autoContrast: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '1.125rem' }, h2: { fontSize: '1rem' }, h3: { fontSize: '0.875rem' } },
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Alert: {
      vars: (_: unknown, { color }: { color?: string }) => {
        const [ground, text] = alertTones[color ?? ''] ?? [accentGround, accentText]
        return { root: { '--alert-bg': ground, '--alert-color': text } }
      },
    },
    Button: { defaultProps: { size: 'sm', fw: 500 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Modal: { defaultProps: { centered: true, transitionProps: { duration: 100 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 120 } } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true } },
  },
})
