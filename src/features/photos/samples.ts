// Sample requests of the routes in this folder.
import type { Samples } from '../../http/samples.ts'

const kept = { '/alt_text': 'describes a picture of a property' } as const

export const samples: Samples = {
  'PATCH /photos/:id': {
    request: async (on) => ({ path: `photos/${await on.photo()}`, body: { alt_text: 'The lake in the evening' } }),
    events: ['photo.updated'],
    kept,
  },
  'DELETE /photos/:id': {
    request: async (on) => ({ path: `photos/${await on.photo()}` }),
    events: ['photo.deleted'],
  },
}
