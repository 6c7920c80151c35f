// The mark of Roost.
export function Logo({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor">
      <path d="M4 15.5 16 5l12 10.5" strokeWidth="2.8" strokeLinecap="round" strokeLinejoin="round" />
      <path d="M8.5 14.5V26h15V14.5" strokeWidth="2.8" strokeLinejoin="round" />
      <path d="M12.5 20.5h7" strokeWidth="2.8" strokeLinecap="round" />
    </svg>
  )
}
