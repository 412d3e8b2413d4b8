import mlflow
from mlflow.tracking import MlflowClient


def promote(name: str, run_id: str):
    version = mlflow.register_model(f"runs:/{run_id}/model", name)
    client = MlflowClient()
    client.transition_model_version_stage(  # finds: model-replaced-at-once
        name=name,
        version=version.version,
        stage="Production",
        archive_existing_versions=True,
    )
