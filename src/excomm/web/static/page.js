// What every page shares: changes carry the session's token, jobs are followed, numbers unfold in a dialogue.
const token = document.querySelector('meta[name="csrf"]').content;

export function announce(text) {
  const line = document.getElementById('announcement');
  line.textContent = '';
  window.setTimeout(() => { line.textContent = text; }, 30);
}

// {ok, status, content, message}: message is what the server says against it.
export async function post(path, body) {
  const isForm = body instanceof FormData;
  let answer;
  try {
    answer = await fetch(path, {
      method: 'POST', headers: { 'x-csrf-token': token, accept: 'application/json', ...(isForm ? {} : { 'content-type': 'application/json' }) },
      body: isForm ? body : JSON.stringify(body ?? {}),
    });
  } catch { return { ok: false, status: 0, content: null, message: 'The server does not answer.' }; }
  const text = await answer.text();
  let content = null;
  try { content = JSON.parse(text); } catch { /* a plain refusal */ }
  const error = content?.error;
  const message = error ? [error.message, error.next].filter(Boolean).join(' ') : content?.detail ? 'The request does not fit.' : text.slice(0, 300);
  return { ok: answer.ok, status: answer.status, content, message: answer.ok ? '' : message };
}

// Follow a job in a box: progress, a button that cancels, what became of it. {done: Promise, cancel}.
export function follow(id, box) {
  let stopped = false;
  const text = document.createElement('span');
  const bar = document.createElement('progress');
  bar.setAttribute('aria-label', 'Progress of the run');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Cancel';
  box.replaceChildren(text, ' ', bar, ' ', button);
  const cancel = () => { stopped = true; post(`/jobs/${id}/cancel.json`); box.replaceChildren(); };
  button.addEventListener('click', () => { cancel(); announce('Cancelled.'); });
  const done = (async () => {
    let wait = 150;
    const began = performance.now();
    while (!stopped) {
      let job;
      try { job = await (await fetch(`/jobs/${id}.json`, { headers: { accept: 'application/json' } })).json(); } catch { job = null; }
      if (stopped) return null;
      if (job?.status === undefined) { text.textContent = 'The server does not answer; trying again.'; wait = 2000; } else {
        text.textContent = job.status === 'queued' ? `Waiting, place ${job.place} in the queue` : `${job.stage || 'Running the model'}…`;
        if (job.total) { bar.max = job.total; bar.value = job.progress; } else bar.removeAttribute('value');
        if (!['queued', 'running'].includes(job.status)) {
          box.replaceChildren();
          if (job.status !== 'done') announce(job.message || `The run was ${job.status}.`);
          return job;
        }
        wait = Math.min(wait * 1.25, performance.now() - began < 20_000 ? 400 : 1500);
      }
      await new Promise((resolve) => { window.setTimeout(resolve, wait); });
    }
    return null;
  })();
  return { done, cancel };
}

// Numbers unfold in a dialogue; without it, the link leads to the page of the number.
const dialog = document.getElementById('unfolded');
document.addEventListener('click', async (event) => {
  const link = event.target.closest('a.why');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers: { 'x-fragment': '1' } });
  if (!answer.ok) { window.location.assign(link.href); return; }
  dialog.querySelector('.unfolded-content').innerHTML = await answer.text();
  dialog.showModal();
  dialog.querySelector('.unfolded-content').scrollTop = 0;
});
dialog?.querySelector('button').addEventListener('click', () => dialog.close());

// Forms that start a run.
document.addEventListener('submit', async (event) => {
  const form = event.target.closest('form[data-run]');
  if (!form) return;
  event.preventDefault();
  const job = await post(form.dataset.run, Object.fromEntries(new FormData(form)));
  const box = form.querySelector('.job');
  if (!job.ok) { box.textContent = job.message; return; }
  const done = await follow(job.content.id, box).done;
  if (done?.status === 'done') window.location.assign(done.result.page);
  else if (done) box.textContent = done.message || `The run was ${done.status}.`;
});
