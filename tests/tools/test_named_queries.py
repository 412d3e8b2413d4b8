"""Named queries find what they are named after, and "without" means absence in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from nonet import tools
from nonet.tools.sourcegraph import named
from nonet.tools.sourcegraph.query import parse
from nonet.tools.sourcegraph.writing import written

SKLEARN = "from sklearn.ensemble import RandomForestClassifier\n"
TORCH = "import torch\n"
EXAMPLES: dict[str, tuple[list[str], list[str]]] = {
    "data-leakage": (
        [
            SKLEARN + "X = scaler.fit_transform(X)\na, b = train_test_split(X)\n",
            SKLEARN + "a, b = train_test_split(X)\nscaler.fit(X_test)\n",
        ],
        [SKLEARN + "a, b = train_test_split(X)\nscaler.fit(X_train)\n", "scaler.fit_transform(X)\n"],
    ),
    "missing-tracking": (
        [
            SKLEARN + "model.fit(X, y)\n",
            TORCH + "loss.backward()\n",
            SKLEARN + "# the aim: log to wandb some day\nmodel.fit(X, y)\n",
        ],
        [
            SKLEARN + "import mlflow\nmodel.fit(X, y)\n",
            TORCH + "w = SummaryWriter()\nloss.backward()\n",
            "plan.fit(suit)\n",
        ],
    ),
    "inefficient-loading": (
        [
            "import pandas as pd\nfor i, row in df.iterrows():\n    pass\n",
            TORCH + "for i in range(len(dataset)):\n    x = dataset[i]\n",
            TORCH + "loader = DataLoader(ds, batch_size=8, num_workers=0)\n",
        ],
        [TORCH + "loader = DataLoader(ds, batch_size=8, num_workers=4)\n", "for i in range(len(names)):\n    pass\n"],
    ),
    "missing-validation": (
        [SKLEARN + "model.fit(X, y)\n", "import keras\nmodel.fit(X, y, epochs=9)\n"],
        [
            SKLEARN + "a, b = train_test_split(X)\nmodel.fit(a, y)\n",
            "import keras\nmodel.fit(X, y, validation_split=0.2)\n",
        ],
    ),
    "hard-coded-hyperparameters": (
        [
            TORCH + "opt = torch.optim.Adam(p, lr=1e-3)\nloss.backward()\n",
            "model = LGBMClassifier(num_leaves=31)\nmodel.fit(X, y)\n",
        ],
        [TORCH + "import argparse\nopt = torch.optim.Adam(p, lr=1e-3)\nloss.backward()\n", "batch_size = 10\n"],
    ),
    "missing-versioning": (
        ["joblib.dump(model, 'model.pkl')\n", TORCH + "torch.save(m.state_dict(), 'm.pt')\n"],
        ["joblib.dump(model, f'model-{version}.pkl')\n", "import mlflow\njoblib.dump(model, 'model.pkl')\n"],
    ),
    "llm-fine-tuning": (["cfg = LoraConfig(r=8)\n", "trainer = SFTTrainer(model=m)\n"], ["trainer = Coach()\n"]),
    "rag": (
        ["s = RecursiveCharacterTextSplitter(chunk_size=9)\n", "index = VectorStoreIndex.from_documents(d)\n"],
        ["text.split()\n"],
    ),
    "vector-database": (["c = QdrantClient(url=u)\n", "i = faiss.IndexHNSWFlat(8, 16)\n"], ["client = Client()\n"]),
    "embeddings": (
        ["m = SentenceTransformer('x')\n", "client.embeddings.create(model='m')\n"],
        ["x.encode('utf-8')\n"],
    ),
    "prompts": (
        ["p = ChatPromptTemplate.from_messages([])\n", "m = [{'role': 'system', 'content': 'Be brief.'}]\n"],
        ["print('hello')\n"],
    ),
    "llm-serving": (["from vllm import LLM\n", "engine = LLM(model='m')\n"], ["def serve(): pass\n"]),
    "locate-training": ([SKLEARN + "model.fit(X, y)\n", TORCH + "optimizer.step()\n"], ["coat.fit(person)\n"]),
    "locate-features": (["t = ColumnTransformer([])\n", "df.groupby('a').agg('mean')\n"], ["x = 1\n"]),
    "locate-serving": (
        [
            "from fastapi import FastAPI\n@app.post('/predict')\ndef predict(x): ...\n",
            "import flask\ny = model.predict(x)\n",
        ],
        ["y = model.predict(x)\n"],
    ),
    "locate-tracking": (["import mlflow\nmlflow.log_metric('a', 1)\n", "wandb.init()\n"], ["log.info('x')\n"]),
    "locate-data-pipelines": (["df = pd.read_parquet('x')\n", "with DAG('d') as dag: ...\n"], ["open('x')\n"]),
    "locate-inefficient-ops": (
        [TORCH + "total += loss.item()\n", "import pandas\ndf.apply(lambda r: r)\n"],
        ["x.item()\n"],
    ),
}


FRAMEWORKS = {
    "scikit-learn": (
        "from sklearn.linear_model import LogisticRegression\nmodel = LogisticRegression(C=0.5)\nmodel.fit(X, y)\n"
        "joblib.dump(model, 'model.joblib')\n"
    ),
    "PyTorch": (
        "import torch\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\nloss.backward()\noptimizer.step()\n"
        "torch.save(net.state_dict(), 'net.pt')\n"
    ),
    "Keras": (
        "from tensorflow import keras\nmodel.compile(optimizer='adam')\nmodel.fit(x, y, epochs=20, batch_size=32)\n"
        "model.save('model.keras')\n"
    ),
    "XGBoost": (
        "import xgboost as xgb\nbooster = xgb.train({'eta': 0.1}, matrix)\nmodel = xgb.XGBClassifier(max_depth=6)\n"
        "booster.save_model('model.json')\n"
    ),
    "LightGBM": (
        "import lightgbm as lgb\nmodel = lgb.LGBMRegressor(n_estimators=100)\nmodel.fit(X, y)\n"
        "model.booster_.save_model('model.txt')\n"
    ),
    "transformers": (
        "from transformers import Trainer, TrainingArguments\n"
        "arguments = TrainingArguments('out', num_train_epochs=3, report_to='none')\n"
        "trainer = Trainer(model=model, args=arguments)\ntrainer.train()\ntrainer.save_model('final')\n"
    ),
}
MENDED = {
    "missing-tracking": {
        "scikit-learn": "import mlflow\n",
        "PyTorch": "from torch.utils.tensorboard import SummaryWriter\n",
        "Keras": "callback = keras.callbacks.TensorBoard('logs')\n",
        "XGBoost": "import wandb\n",
        "LightGBM": "from neptune import init_run\n",
        "transformers": "again = TrainingArguments('out', report_to=['wandb'])\n",
    },
    "missing-validation": {
        "scikit-learn": "scores = cross_val_score(model, X, y)\n",
        "PyTorch": "for batch in val_loader: pass\n",
        "Keras": "model.fit(x, y, validation_data=(a, b))\n",
        "XGBoost": "model.fit(X, y, eval_set=[(a, b)])\n",
        "LightGBM": "a, b = train_test_split(X)\n",
        "transformers": "trainer = Trainer(model=model, eval_dataset=held)\n",
    },
    "missing-versioning": dict.fromkeys(FRAMEWORKS, "name = f'{datetime.now():%Y}'\n"),
    "hard-coded-hyperparameters": dict.fromkeys(FRAMEWORKS, "import argparse\n"),
    "locate-training": {},
}


@pytest.mark.parametrize("name", sorted(MENDED))
async def test_every_frameworks_own_words_are_known(name, tmp_path: Path, context):
    for framework, text in FRAMEWORKS.items():
        (tmp_path / f"{framework}.py").write_text(text)
        if framework in MENDED[name]:
            (tmp_path / f"{framework}_mended.py").write_text(text + MENDED[name][framework])
    result = await tools.call("search_code", context(repository=tmp_path), pattern=name, max_results=50)
    assert {item.facts["path"] for item in result.items} == {f"{framework}.py" for framework in FRAMEWORKS}


def test_every_named_query_has_examples() -> None:
    assert sorted(EXAMPLES) == named.names()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
async def test_it_finds_what_it_is_named_after(name, tmp_path: Path, context):
    found, passed_over = EXAMPLES[name]
    for number, text in enumerate(found):
        (tmp_path / f"positive_{number}.py").write_text(text)
    for number, text in enumerate(passed_over):
        (tmp_path / f"negative_{number}.py").write_text(text)
    result = await tools.call("search_code", context(repository=tmp_path), pattern=name, max_results=50)
    files = {item.facts["path"] for item in result.items}
    assert files == {f"positive_{number}.py" for number in range(len(found))}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_written_out_it_is_the_same_query(name):
    query = named.query(name)
    assert parse(written(query)) == query


async def test_the_query_beside_it_narrows_it(tmp_path, context):
    (tmp_path / "a.py").write_text(SKLEARN + "model.fit(X, y)\n")
    (tmp_path / "b.py").write_text(SKLEARN + "model.fit(X, y)  # fraud\n")
    result = await tools.call("search_code", context(repository=tmp_path), pattern="missing-tracking", query="fraud")
    assert {item.facts["path"] for item in result.items} == {"b.py"}
