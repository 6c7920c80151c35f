// A media store for workers of tests that have no pictures.
import type { MediaStore } from '../src/core/media/media.ts'

const refuse = () => Promise.reject(new Error('this test has no media store'))

export const noMedia: MediaStore = { put: refuse, get: refuse, open: refuse, remove: refuse }
