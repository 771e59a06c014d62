export const page = (title) => `<!doctype html><title>${title}</title><h1>${title}</h1>\n`;
