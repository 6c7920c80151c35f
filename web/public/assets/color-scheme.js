// Sets the colour scheme before the first paint. A file of its own, because the content security policy allows no inline script.
;(() => {
  let scheme = null
  try {
    scheme = localStorage.getItem('roost.color_scheme')
  } catch {
    // Storage is blocked: use the scheme of the system.
  }
  const is_dark = scheme === 'dark' || (scheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', is_dark ? 'dark' : 'light')
})()
