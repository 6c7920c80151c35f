// Rules of layout that every page keeps, checked in the page by script.
import type { Page } from 'playwright-core'

/** What breaks a rule on the screen now; empty when nothing does. */
export async function layoutFindings(page: Page): Promise<string[]> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  return [
    ...(wide > 0 ? [`the document is ${wide} px too wide`] : []),
    ...(await page.evaluate(findCutTexts)),
    ...(await page.evaluate(findOverlaps)),
  ]
}

/**
 * Runs in the page. A text must not be wider than the block that contains it, unless that block or one around it ends it with an
 * ellipsis or scrolls. Nor may it end at the edge of a block around it that hides what is outside.
 */
function findCutTexts(): string[] {
  /** Undefined: nothing outside of this box can be too wide. Else by how many pixels the text is outside of it. */
  function excessOf(box: Element, text: DOMRect, is_nearest: boolean): number | undefined {
    const { overflowX, textOverflow } = getComputedStyle(box)
    const { left, right, width } = box.getBoundingClientRect()
    const is_hidden = overflowX === 'hidden' || overflowX === 'clip'
    // A text for screen readers only has a box of one pixel.
    if (width <= 1 || /auto|scroll/.test(overflowX) || (is_hidden && textOverflow === 'ellipsis')) return undefined
    return is_nearest || is_hidden ? Math.round(Math.max(text.right - right, left - text.left)) : 0
  }
  /** The block that contains the element, and those around it. */
  function blocksOf(element: Element): Element[] {
    const around = element.parentElement === document.body ? [] : blocksOf(element.parentElement as Element)
    const { display, position } = getComputedStyle(element)
    if (display === 'inline' || display === 'contents') return around
    return position === 'fixed' ? [element] : [element, ...around]
  }
  function reasonOf(element: Element, text: DOMRect): string | undefined {
    for (const [n, box] of blocksOf(element).entries()) {
      const excess = excessOf(box, text, n === 0)
      if (excess === undefined) return undefined
      if (excess > 1) return `${excess} px outside of <${box.tagName} ${box.className}>`
    }
    return undefined
  }
  const found: string[] = []
  const range = document.createRange()
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const { textContent, parentElement } = node
    if (textContent === null || textContent.trim() === '' || parentElement === null) continue
    if (parentElement === document.body) continue
    if (!parentElement.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
    range.selectNodeContents(node)
    const box = range.getBoundingClientRect()
    const reason = box.width === 0 ? undefined : reasonOf(parentElement, box)
    if (reason !== undefined) found.push(`"${textContent.trim().slice(0, 60)}" is ${reason}`)
  }
  return found
}

/**
 * Runs in the page. Two controls overlap when the visible parts of their boxes share more than 2 by 2 pixels. Not counted: one that
 * contains the other, the buttons inside a field, and those in different layers (a panel or bar with a fixed or sticky position).
 */
function findOverlaps(): string[] {
  const selector =
    'a[href], button, input, select, textarea, summary, [role=button], [role=tab], [role=option], [role=menuitem]'
  const isVisible = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  /** The part of the box that no block around it hides. */
  function visibleBox(element: Element) {
    let { left, right, top, bottom } = element.getBoundingClientRect()
    for (let around = element.parentElement; around !== null; around = around.parentElement) {
      const { overflow, position } = getComputedStyle(around)
      if (position === 'fixed') break
      if (overflow === 'visible') continue
      const box = around.getBoundingClientRect()
      left = Math.max(left, box.left)
      right = Math.min(right, box.right)
      top = Math.max(top, box.top)
      bottom = Math.min(bottom, box.bottom)
    }
    return { left, right, top, bottom }
  }
  function layerOf(element: Element): Element | null {
    for (let one: Element | null = element; one !== null; one = one.parentElement)
      if (/fixed|sticky/.test(getComputedStyle(one).position) || one.role === 'dialog') return one
    return null
  }
  const controls = [...document.querySelectorAll<HTMLElement>(selector)]
    // A radio button that is not shown is used by its label.
    .map((one) => (one instanceof HTMLInputElement && !isVisible(one) ? one.labels?.[0] : one))
    .filter((one) => one !== undefined && isVisible(one))
    .map((element) => ({ element: element as HTMLElement, box: visibleBox(element as HTMLElement) }))
    .map((one) => ({ ...one, layer: layerOf(one.element), field: one.element.closest('.mantine-Input-wrapper') }))
  type Control = (typeof controls)[number]
  const overlap = ({ box: a }: Control, { box: b }: Control) =>
    Math.min(
      Math.min(a.right, b.right) - Math.max(a.left, b.left),
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
    )
  const nameOf = ({ element }: Control) =>
    `<${element.tagName} ${element.ariaLabel ?? element.textContent?.trim().slice(0, 40)}>`
  return controls.flatMap((a, n) =>
    controls
      .slice(n + 1)
      .filter((b) => a.layer === b.layer && (a.field === null || a.field !== b.field))
      .filter((b) => !a.element.contains(b.element) && !b.element.contains(a.element) && overlap(a, b) > 2)
      .map((b) => `${nameOf(a)} overlaps ${nameOf(b)}`),
  )
}
