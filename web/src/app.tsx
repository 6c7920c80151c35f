// Providers and the router: the outermost parts of the console.
import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { useLingui } from '@lingui/react/macro'
import { type MantineColorScheme, MantineProvider, mergeThemeOverrides } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { queryClient } from './api/query-client.ts'
import { router } from './routes.tsx'
import { theme } from './styles/theme.ts'

const scheme_key = 'roost.color_scheme'

/** As public/assets/color-scheme.js reads it. Without storage the choice lasts until the page is closed. */
const colorSchemes = {
  get: (fallback: MantineColorScheme): MantineColorScheme => {
    try {
      const stored = localStorage.getItem(scheme_key)
      return stored === 'light' || stored === 'dark' ? stored : fallback
    } catch {
      return fallback
    }
  },
  set: (scheme: MantineColorScheme) => {
    try {
      localStorage.setItem(scheme_key, scheme)
    } catch {
      // Storage is blocked.
    }
  },
  subscribe: () => {},
  unsubscribe: () => {},
  clear: () => {},
}

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
// The name under which react-remove-scroll, of Mantine's dialogs, looks for the nonce of its style.
Object.assign(globalThis, { __webpack_nonce__: nonce })

export function App() {
  return (
    <I18nProvider i18n={i18n}>
      <Themed>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Themed>
    </I18nProvider>
  )
}

/** The theme, with the one text that it has: the name of the button that closes a dialog. */
function Themed({ children }: { readonly children: ReactNode }) {
  const { t } = useLingui()
  const close = t`Close`
  const localised = useMemo(() => {
    const defaultProps = { closeButtonProps: { 'aria-label': close } }
    return mergeThemeOverrides(theme, { components: { Modal: { defaultProps }, Drawer: { defaultProps } } })
  }, [close])
  return (
    <MantineProvider
      theme={localised}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemes}
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  )
}
