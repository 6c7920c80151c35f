// Starts the console: language, then the page.
import '@mantine/core/styles.css'
import './styles/tokens.css'
import './styles/global.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { refreshSession } from './api/session.ts'
import { App } from './app.tsx'
import { preferredLanguage, showLanguage } from './locales/i18n.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
// The session is asked for while the texts load.
void refreshSession()
await showLanguage(preferredLanguage())
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
