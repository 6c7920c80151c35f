// Providers and the router: the outermost parts of the console.
import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { type MantineColorScheme, MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
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
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={colorSchemes}
        getStyleNonce={() => nonce}
      >
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>
  )
}
