// An argument and its findings side by side.
const token = document.querySelector('meta[name="csrf"]').content;
const root = document.getElementById('audit');
const form = document.getElementById('argument');
const status = form.querySelector('.job');
const text = document.getElementById('text');

document.getElementById('example')?.addEventListener('change', (event) => {
  const found = event.target.value === '' ? null : document.getElementById(`opinion-${event.target.value}`);
  if (found) text.value = found.content.textContent;
});
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!text.value.trim()) { status.textContent = 'Paste a text first.'; return; }
  status.textContent = 'Reading…';
  const body = { text: text.value, scale: document.getElementById('scale').value };
  const view = document.getElementById('perspective')?.value;
  if (view) body.perspective = view;
  const argued = document.getElementById('conclusion').value;
  if (argued) body.conclusion = argued.split(' ');
  let answer;
  try {
    answer = await fetch(`/cases/${root.dataset.case}/audit`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': token }, body: JSON.stringify(body),
    });
  } catch { status.textContent = 'The server does not answer.'; return; }
  const content = await answer.text();
  if (!answer.ok) {
    const failed = new DOMParser().parseFromString(content, 'text/html');
    status.textContent = failed.querySelector('main p')?.textContent ?? content.slice(0, 300);
    return;
  }
  status.textContent = '';
  const box = document.getElementById('findings');
  box.innerHTML = content;
  root.dataset.audited = '1';
  box.focus();
});
